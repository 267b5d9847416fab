import { MessagesSquare } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { Button } from "@/components/button";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { EmptyState } from "@/components/empty-state";
import { Skeleton } from "@/components/skeleton";
import { showToast } from "@/components/toasts";
import { useFormat } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { chatTexts } from "@/locales/chat";
import { commonTexts } from "@/locales/common";
import { useObservable } from "@/store/use-observable";
import { Composer } from "./composer";
import type { Conversation, ConversationState, Message } from "./conversation";
import type { Aside } from "./entries";
import { MessageList } from "./message-list";
import { useReadOut } from "./use-attention";

interface Props {
  conversation: Conversation;
  /** Also what others have said. */
  mayDelete?: boolean;
  /** One can write at once. */
  takesFocus?: boolean;
  /** For what opens above it: `stage` in a meeting. */
  floating?: string;
  /** Stands among the messages, by time. */
  asides?: readonly Aside[];
  /** Stands above the place to write. */
  above?: ReactNode;
  /** Takes what is written, instead of the conversation. */
  onSend?: ((content: string) => void) | undefined;
}

const NO_ASIDES: readonly Aside[] = [];

/** What is said, and a place to say something; fills its container. Open while it is shown. */
export function ConversationView(props: Props) {
  const { conversation } = props;
  const state = useObservable(conversation.state);
  useEffect(() => conversation.open(), [conversation]);
  useReadOut(conversation);
  return (
    <div className="grid h-full min-h-0 grid-cols-1 grid-rows-[minmax(0,1fr)_auto_auto]">
      <Said {...props} state={state} />
    </div>
  );
}

function Said(props: Props & { state: ConversationState }) {
  const { conversation, state, mayDelete = false, takesFocus = false, floating = "" } = props;
  const { asides = NO_ASIDES, above, onSend } = props;
  const t = useText(chatTexts);
  const [editing, setEditing] = useState<Message | null>(null);
  const [focused, setFocused] = useState(takesFocus);
  const [deleting, setDeleting] = useState<Message | null>(null);
  const edit = useCallback((message: Message | null) => {
    setEditing(message);
    setFocused(true);
  }, []);

  async function save({ id, content }: Message, text: string) {
    try {
      if (text !== content) await conversation.edit(id, text);
      edit(null);
    } catch {
      showToast({ text: t("edit_failed"), problem: true });
    }
  }

  function editLast() {
    const own = ({ author, content }: Message) => content !== null && conversation.isOwn(author);
    edit(state.messages.findLast(own) ?? null);
  }

  if (state.phase === "gone") return <p className="p-6 text-center text-soft">{t("gone")}</p>;
  return (
    <>
      <Shown conversation={conversation} state={state} asides={asides}>
        <MessageList
          conversation={conversation}
          state={state}
          asides={asides}
          mayDelete={mayDelete}
          onEdit={edit}
          onDelete={setDeleting}
          floating={floating}
        />
      </Shown>
      <div>
        <Typing names={state.typing} />
        {above}
      </div>
      {editing ? (
        <Composer
          key={editing.id}
          editing
          takesFocus={focused}
          text={editing.content ?? ""}
          onSend={(text) => void save(editing, text)}
          onCancel={() => edit(null)}
        />
      ) : (
        <Composer
          key="new"
          takesFocus={focused}
          text={conversation.draft}
          onText={(text) => {
            conversation.draft = text;
            if (text && !onSend) conversation.type();
          }}
          onSend={onSend ?? ((text) => conversation.send(text))}
          onUp={editLast}
        />
      )}
      <ConfirmDialog
        open={deleting !== null}
        onOpenChange={(open) => !open && setDeleting(null)}
        title={t("delete_it")}
        action={t("delete")}
        className={floating}
        onConfirm={async () => deleting && conversation.remove(deleting.id)}
      >
        {t("delete_for_all")}
      </ConfirmDialog>
    </>
  );
}

interface ShownProps {
  conversation: Conversation;
  state: ConversationState;
  asides: readonly Aside[];
  children: ReactNode;
}

/** Messages, or why there are none. */
function Shown({ conversation, state, asides, children }: ShownProps) {
  const { phase, messages, outgoing } = state;
  const t = useText(chatTexts);
  const common = useText(commonTexts);
  if (phase === "loading" && messages.length === 0) {
    return (
      <div className="overflow-hidden px-4">
        <Skeleton rows={6} />
      </div>
    );
  }
  if (phase === "failed" && messages.length === 0) {
    return (
      <div role="alert" className="grid content-center justify-items-center gap-3 p-6 text-soft">
        {common("failed_to_load")}
        <Button look="quiet" onClick={() => conversation.reload()}>
          {common("try_again")}
        </Button>
      </div>
    );
  }
  if (messages.length + outgoing.length + asides.length > 0) return children;
  return (
    <div className="grid content-center overflow-y-auto">
      <EmptyState icon={MessagesSquare} title={t("silence")}>
        {t("silence_hint")}
      </EmptyState>
    </div>
  );
}

/** Always as high, whoever types. */
function Typing({ names }: { names: readonly string[] }) {
  const t = useText(chatTexts);
  const format = useFormat();
  return (
    <p className="h-6 truncate px-5 text-sm text-soft">
      {names.length > 0 && t("typing", { count: names.length, names: format.list(names) })}
    </p>
  );
}
