import { MessagesSquare, SquarePen } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/button";
import { EmptyState } from "@/components/empty-state";
import { Heading } from "@/components/heading";
import { IconButton } from "@/components/icon-button";
import { InfiniteList } from "@/components/infinite-list";
import { usePageTitle } from "@/components/use-page-title";
import { useText } from "@/i18n/text";
import { useOnline } from "@/live/use-live";
import { chatTexts } from "@/locales/chat";
import { ConversationRow } from "./conversation-row";
import { NewConversation } from "./new-conversation";
import { useConversations } from "./queries";

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
          <ConversationRow
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
