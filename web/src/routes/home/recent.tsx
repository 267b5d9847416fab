import { Link } from "react-router";
import { ErrorState } from "@/components/error-state";
import { Skeleton } from "@/components/skeleton";
import { useText } from "@/i18n/text";
import { meetingsTexts } from "@/locales/meetings";
import { ConversationRow } from "@/routes/chat/conversation-row";
import { useConversations } from "@/routes/chat/queries";

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
          <ConversationRow conversation={conversation} />
        </li>
      ))}
    </ul>
  );
}
