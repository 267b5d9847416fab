import { NavLink } from "react-router";
import { useMe } from "@/api/queries";
import { Avatar } from "@/components/avatar";
import { Badge } from "@/components/badge";
import { Time } from "@/components/time";
import { useText } from "@/i18n/text";
import { chatTexts } from "@/locales/chat";
import type { Conversation } from "./queries";
import { useConversationName } from "./use-conversation-name";

interface Props {
  conversation: Conversation;
  /** The other one of two is there now. */
  online?: boolean;
}

/** A conversation in a list: with whom, what was said last, and how much is new. */
export function ConversationRow({ conversation, online = false }: Props) {
  const t = useText(chatTexts);
  const { id, other, unread, active_at } = conversation;
  const name = useConversationName()(conversation);
  return (
    <NavLink
      to={`/chat/${id}`}
      className="flex min-h-17 items-center gap-3.5 rounded-2xl px-3 py-2 transition-colors hover:bg-raised/60 aria-[current=page]:bg-raised"
    >
      <span className="relative">
        <Avatar name={name} picture={other?.avatar} className="size-12" />
        {online && (
          <span className="absolute right-0 bottom-0 size-3.5 rounded-full border-2 border-paper bg-brand">
            <span className="sr-only">{t("online")}</span>
          </span>
        )}
      </span>
      <span className="min-w-0 grow">
        <span className="flex items-baseline justify-between gap-3">
          <span className="truncate font-semibold">{name}</span>
          <Time value={active_at} style="relative" className="shrink-0 text-xs text-soft" />
        </span>
        <span className="flex items-center justify-between gap-3">
          <LastSaid conversation={conversation} />
          {unread > 0 && (
            <Badge look="brand">
              <span aria-hidden="true">{unread}</span>
              <span className="sr-only">{t("unread", { count: unread })}</span>
            </Badge>
          )}
        </span>
      </span>
    </NavLink>
  );
}

/** Who said it is said where it could be more than one. */
function LastSaid({ conversation: { kind, last_message } }: { conversation: Conversation }) {
  const t = useText(chatTexts);
  const me = useMe();
  if (!last_message) return <span className="truncate text-sm text-soft">{"\u00a0"}</span>;
  const { author, content } = last_message;
  const said = content ?? t("deleted");
  const own = author.user_id !== null && author.user_id === me?.id;
  const speaker = own ? t("you") : author.name;
  return (
    <span className="truncate text-sm text-soft">
      {own || kind !== "direct" ? `${speaker}: ${said}` : said}
    </span>
  );
}
