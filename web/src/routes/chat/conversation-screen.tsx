import { ArrowLeft } from "lucide-react";
import { Link, useParams } from "react-router";
import { useMe } from "@/api/queries";
import { ConversationView } from "@/chat/conversation-view";
import { RememberedConversations } from "@/chat/remembered";
import { Avatar } from "@/components/avatar";
import { ErrorState } from "@/components/error-state";
import { Heading } from "@/components/heading";
import { Skeleton } from "@/components/skeleton";
import { usePageTitle } from "@/components/use-page-title";
import { useText } from "@/i18n/text";
import { live } from "@/live";
import { chatTexts } from "@/locales/chat";
import { NotFound } from "@/routes/not-found";
import { type Conversation, useConversation } from "./queries";
import { useConversationName } from "./use-conversation-name";

const remembered = new RememberedConversations({
  request: (type, fields) => live.request(type, fields),
  events: live,
});

export function ConversationScreen() {
  const { id = "" } = useParams();
  return /^\d{1,15}$/.test(id) ? <Found key={id} id={Number(id)} /> : <NotFound />;
}

function Found({ id }: { id: number }) {
  const me = useMe();
  const found = useConversation(id);
  if (found.error?.status === 404) return <NotFound />;
  if (found.error && !found.data) {
    return <ErrorState error={found.error} onRetry={() => void found.refetch()} />;
  }
  if (!found.data || !me) return <Skeleton rows={6} />;
  return <Shown found={found.data} userId={me.id} />;
}

function Shown({ found, userId }: { found: Conversation; userId: number }) {
  const t = useText(chatTexts);
  const name = useConversationName()(found);
  usePageTitle(name);
  return (
    <div className="mx-auto flex h-(--shell-height) w-full max-w-4xl flex-col">
      <header className="flex items-center gap-3 border-b border-line px-3 py-2.5 sm:px-6">
        <Link
          to="/chat"
          aria-label={t("back")}
          className="grid size-11 shrink-0 place-items-center rounded-xl text-soft transition-colors hover:bg-raised hover:text-ink"
        >
          <ArrowLeft className="size-5" aria-hidden="true" />
        </Link>
        <Avatar name={name} className="size-10" />
        <Heading className="min-w-0 truncate text-xl">{name}</Heading>
      </header>
      <div className="min-h-0 grow">
        <ConversationView conversation={remembered.find(found.id, userId, found.read_seq)} />
      </div>
    </div>
  );
}
