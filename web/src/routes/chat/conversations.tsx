import { MessagesSquare, SquarePen } from "lucide-react";
import { useState } from "react";
import { NavLink } from "react-router";
import { useMe } from "@/api/queries";
import { Avatar } from "@/components/avatar";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { EmptyState } from "@/components/empty-state";
import { Heading } from "@/components/heading";
import { IconButton } from "@/components/icon-button";
import { InfiniteList } from "@/components/infinite-list";
import { Time } from "@/components/time";
import { usePageTitle } from "@/components/use-page-title";
import { useText } from "@/i18n/text";
import { useOnline } from "@/live/use-live";
import { chatTexts } from "@/locales/chat";
import { NewConversation } from "./new-conversation";
import { type Conversation, useConversations } from "./queries";
import { useConversationName } from "./use-conversation-name";

/** All of them, the one that was spoken in last first. `chosen`: one of them is shown beside it. */
export function Conversations({ chosen }: { chosen: boolean }) {
  const t = useText(chatTexts);
  const [beginning, setBeginning] = useState(false);
  const pages = useConversations();
  const others = pages.data?.flatMap(({ other }) => (other ? [other.id] : [])) ?? [];
  const online = useOnline(others);
  return (
    <nav aria-label={t("list")} className="px-3 py-5 sm:px-4">
      <div className="mb-3 flex min-h-11 items-center justify-between gap-3 px-3">
        {chosen ? <p className="font-display text-2xl font-semibold">{t("title")}</p> : <Title />}
        <IconButton label={t("new")} icon={SquarePen} onClick={() => setBeginning(true)} />
      </div>
      <InfiniteList
        label={t("list")}
        pages={pages}
        keyOf={({ id }) => id}
        empty={
          <EmptyState
            icon={MessagesSquare}
            title={t("nothing")}
            action={<Button onClick={() => setBeginning(true)}>{t("new")}</Button>}
          >
            {t("nothing_hint")}
          </EmptyState>
        }
        className="grid grid-cols-[minmax(0,1fr)] gap-0.5"
      >
        {(conversation) => (
          <Row
            conversation={conversation}
            online={conversation.other !== null && online.has(conversation.other.id)}
          />
        )}
      </InfiniteList>
      {beginning && <NewConversation onClose={() => setBeginning(false)} />}
    </nav>
  );
}

function Title() {
  const t = useText(chatTexts);
  usePageTitle(t("title"));
  return <Heading className="text-3xl">{t("title")}</Heading>;
}

function Row({ conversation, online }: { conversation: Conversation; online: boolean }) {
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
