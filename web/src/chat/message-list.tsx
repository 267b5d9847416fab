import { ArrowDown, RotateCw, Trash2 } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { IconButton } from "@/components/icon-button";
import { Spinner } from "@/components/spinner";
import { useFormat } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { chatTexts } from "@/locales/chat";
import { commonTexts } from "@/locales/common";
import type { Conversation, ConversationState, Message } from "./conversation";
import { type Aside, daysAgo, entriesOf, interleave } from "./entries";
import { Bubble, MessageRow } from "./message-row";
import type { Outgoing } from "./outbox";
import { useAttention } from "./use-attention";
import { useScroll } from "./use-scroll";

interface Props {
  conversation: Conversation;
  state: ConversationState;
  asides: readonly Aside[];
  mayDelete: boolean;
  onEdit: (message: Message) => void;
  onDelete: (message: Message) => void;
  floating: string;
}

export function MessageList({ conversation, state, asides, ...row }: Props) {
  const t = useText(chatTexts);
  const { messages, outgoing, newAfter, unread } = state;
  const first = messages[0]?.seq;
  const scroll = useScroll({ first, written: outgoing.at(-1)?.key });
  useAttention(conversation, scroll.atEnd);
  const entries = useMemo(
    () => entriesOf(messages, (author) => conversation.isOwn(author), newAfter),
    [messages, newAfter, conversation],
  );
  const lines = useMemo(() => interleave(entries, asides), [entries, asides]);
  return (
    <div className="relative min-h-0">
      <section
        ref={scroll.box}
        onScroll={scroll.onScroll}
        aria-label={t("messages")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: so that the keyboard can scroll it
        tabIndex={0}
        className="relative size-full overflow-y-auto overscroll-contain outline-offset-[-2px] [overflow-anchor:none]"
      >
        <div ref={scroll.content} className="flex min-h-full flex-col justify-end pb-2">
          <Beginning conversation={conversation} state={state} />
          <ul>
            {lines.map((line) => {
              if ("aside" in line) {
                return <li key={`aside ${line.aside.key}`}>{line.aside.content}</li>;
              }
              const { message, own, day, fresh, head } = line.entry;
              return (
                <li key={message.id} ref={fresh ? scroll.mark : null}>
                  {day && <Day moment={message.created_at} />}
                  {fresh && <Line text={t("new_messages")} look="border-alarm text-alarm" />}
                  <MessageRow message={message} own={own} head={head} {...row} />
                </li>
              );
            })}
            {outgoing.map((one) => (
              <li key={one.key}>
                <OutgoingRow outgoing={one} conversation={conversation} />
              </li>
            ))}
          </ul>
        </div>
      </section>
      {!scroll.atEnd && (
        <Button
          look="quiet"
          onClick={scroll.toEnd}
          className="absolute right-4 bottom-3 animate-fade border border-line px-3 shadow-lg"
        >
          <ArrowDown className="size-5" aria-hidden="true" />
          <span className="sr-only">{t("to_end")}</span>
          {unread > 0 && <Badge look="brand">{unread}</Badge>}
        </Button>
      )}
    </div>
  );
}

/** As high in each state, so that nothing jumps. */
function Beginning({ conversation, state }: Pick<Props, "conversation" | "state">) {
  const t = useText(chatTexts);
  const common = useText(commonTexts);
  const place = useRef<HTMLDivElement>(null);
  const { more, older, messages } = state;
  const first = messages[0]?.seq;
  const waits = more && older === "idle" && first !== undefined;
  useEffect(() => {
    if (!waits || !place.current) return;
    const observer = new IntersectionObserver(
      ([entry]) => entry?.isIntersecting && void conversation.loadOlder(),
      { root: place.current.closest("section"), rootMargin: "600px" },
    );
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [waits, conversation]);
  return (
    <div ref={place} className="grid h-14 shrink-0 place-items-center text-sm text-soft">
      {older === "failed" ? (
        <Button look="plain" onClick={() => void conversation.loadOlder()}>
          {common("try_again")}
        </Button>
      ) : more ? (
        <Spinner className="size-5" />
      ) : (
        messages.length > 0 && t("beginning")
      )}
    </div>
  );
}

function Day({ moment }: { moment: string }) {
  const t = useText(chatTexts);
  const format = useFormat();
  const ago = daysAgo(moment, Date.now());
  const text = ago === 0 ? t("today") : ago === 1 ? t("yesterday") : format.time(moment, "date");
  return <Line text={text} look="border-line text-soft" />;
}

function Line({ text, look }: { text: string; look: string }) {
  return (
    <p className={`flex items-center gap-3 px-4 pt-4 text-xs font-semibold ${look}`}>
      <span className="grow border-t border-inherit" />
      {text}
      <span className="grow border-t border-inherit" />
    </p>
  );
}

interface OutgoingProps {
  outgoing: Outgoing;
  conversation: Conversation;
}

function OutgoingRow({ outgoing: { key, content, failed }, conversation }: OutgoingProps) {
  const t = useText(chatTexts);
  return (
    <div className="grid justify-items-end px-4 pt-0.5">
      <div className="max-w-[85%]">
        <Bubble content={content} own />
      </div>
      {failed ? (
        <p role="alert" className="flex items-center text-sm text-alarm">
          {t("not_sent")}
          <IconButton
            label={t("send_again")}
            icon={RotateCw}
            onClick={() => conversation.retrySending(key)}
          />
          <IconButton
            label={t("discard")}
            icon={Trash2}
            onClick={() => conversation.discard(key)}
          />
        </p>
      ) : (
        <p className="animate-late text-sm text-soft">{t("sending")}</p>
      )}
    </div>
  );
}
