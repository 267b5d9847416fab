import { Link } from "react-router";
import { Avatar } from "@/components/avatar";
import { Badge } from "@/components/badge";
import { ErrorState } from "@/components/error-state";
import { Skeleton } from "@/components/skeleton";
import { Time } from "@/components/time";
import { useText } from "@/i18n/text";
import { chatTexts } from "@/locales/chat";
import { meetingsTexts } from "@/locales/meetings";
import { type Conversation, useConversations } from "@/routes/chat/queries";
import { useConversationName } from "@/routes/chat/use-conversation-name";

const SHOWN = 5;

/** The conversations that were spoken in last; chat has all of them. */
export function Recent() {
  const t = useText(meetingsTexts);
  const { data, error, isPending, refetch } = useConversations();
  if (isPending) return <Skeleton />;
  if (!data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data.length === 0) {
    return (
      <p className="py-2 text-soft">
        {t("no_conversations")}{" "}
        <Link to="/people" className="font-semibold text-brand">
          {t("find_people")}
        </Link>
      </p>
    );
  }
  return (
    <ul aria-label={t("recent")} className="-mx-3 grid grid-cols-[minmax(0,1fr)] gap-1">
      {data.slice(0, SHOWN).map((conversation) => (
        <li key={conversation.id}>
          <Row conversation={conversation} />
        </li>
      ))}
    </ul>
  );
}

function Row({ conversation }: { conversation: Conversation }) {
  const chat = useText(chatTexts);
  const { id, other, last_message, unread, active_at } = conversation;
  const name = useConversationName()(conversation);
  return (
    <Link
      to={`/chat/${id}`}
      className="flex min-h-15 items-center gap-3 rounded-2xl px-3 py-1.5 transition-colors hover:bg-raised/60"
    >
      <Avatar name={name} picture={other?.avatar} className="size-10" />
      <span className="min-w-0 grow">
        <span className="flex items-baseline justify-between gap-3">
          <span className="truncate font-semibold">{name}</span>
          <Time value={active_at} style="relative" className="shrink-0 text-xs text-soft" />
        </span>
        <span className="flex items-center justify-between gap-3">
          <span className="truncate text-sm text-soft">
            {last_message ? (last_message.content ?? chat("deleted")) : "\u00a0"}
          </span>
          {unread > 0 && (
            <Badge look="brand">
              <span aria-hidden="true">{unread}</span>
              <span className="sr-only">{chat("unread", { count: unread })}</span>
            </Badge>
          )}
        </span>
      </span>
    </Link>
  );
}
