import { useQueryClient } from "@tanstack/react-query";
import { MessagesSquare } from "lucide-react";
import { useCallback, useEffect } from "react";
import { Link } from "react-router";
import { keys } from "@/api/keys";
import { Avatar } from "@/components/avatar";
import { Badge } from "@/components/badge";
import { ButtonLink } from "@/components/button";
import { EmptyState } from "@/components/empty-state";
import { InfiniteList } from "@/components/infinite-list";
import { Screen } from "@/components/screen";
import { Time } from "@/components/time";
import { useText } from "@/i18n/text";
import { live } from "@/live";
import { useLiveNotice } from "@/live/use-live";
import { chatTexts } from "@/locales/chat";
import { type Conversation, useConversations } from "./queries";
import { useConversationName } from "./use-conversation-name";

/** All conversations, the one that was spoken in last first. */
export function Conversations() {
  const t = useText(chatTexts);
  useFreshConversations();
  return (
    <Screen title={t("title")}>
      <InfiniteList
        label={t("list")}
        pages={useConversations()}
        keyOf={({ id }) => id}
        empty={
          <EmptyState
            icon={MessagesSquare}
            title={t("nothing")}
            action={<ButtonLink to="/people">{t("find")}</ButtonLink>}
          >
            {t("nothing_hint")}
          </EmptyState>
        }
        className="grid gap-1"
      >
        {(conversation) => <ConversationRow conversation={conversation} />}
      </InfiniteList>
    </Screen>
  );
}

function ConversationRow({ conversation }: { conversation: Conversation }) {
  const t = useText(chatTexts);
  const { id, last_message, unread, active_at } = conversation;
  const name = useConversationName()(conversation);
  return (
    <Link
      to={`/chat/${id}`}
      className="flex min-h-18 items-center gap-4 rounded-2xl px-3 py-2 transition-colors hover:bg-raised"
    >
      <Avatar name={name} className="size-12" />
      <div className="min-w-0 grow">
        <p className="truncate font-semibold">{name}</p>
        <p className="truncate text-soft">
          {last_message && (last_message.content ?? t("deleted"))}
        </p>
      </div>
      <div className="grid justify-items-end gap-1 text-sm text-soft">
        <Time value={active_at} style="relative" />
        {unread > 0 && (
          <Badge look="brand">
            <span aria-hidden="true">{unread}</span>
            <span className="sr-only">{t("unread", { count: unread })}</span>
          </Badge>
        )}
      </div>
    </Link>
  );
}

/** Asks again when something was said, here or on another device. */
function useFreshConversations(): void {
  const client = useQueryClient();
  const refresh = useCallback(
    () => void client.invalidateQueries({ queryKey: keys.conversations.list() }),
    [client],
  );
  useLiveNotice("message", refresh);
  useLiveNotice("conversation", refresh);
  useLiveNotice("read", refresh);
  useEffect(() => live.onAnew(refresh), [refresh]);
}
