import { CalendarDays } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/button";
import { EmptyState } from "@/components/empty-state";
import { ErrorState } from "@/components/error-state";
import { Skeleton } from "@/components/skeleton";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";
import { meetingsTexts } from "@/locales/meetings";
import { MeetingRow } from "./meeting-row";
import { useMeetings } from "./queries";
import { type Meeting, sortOut } from "./sorting";

/** What is on now, what is to come, and some of what has been. */
export function Meetings() {
  const t = useText(meetingsTexts);
  const open = useMeetings(false);
  const ended = useMeetings(true);
  const [now] = useState(Date.now);
  if (open.isPending || ended.isPending) return <Skeleton />;
  if (!open.data) return <ErrorState error={open.error} onRetry={() => void open.refetch()} />;
  if (!ended.data) return <ErrorState error={ended.error} onRetry={() => void ended.refetch()} />;
  const { running, upcoming, earlier } = sortOut([...open.data, ...ended.data], now);
  if (running.length + upcoming.length + earlier.length === 0) {
    return (
      <EmptyState icon={CalendarDays} title={t("none")}>
        {t("none_hint")}
      </EmptyState>
    );
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      <Group title={t("running")} meetings={running} />
      <Group title={t("upcoming")} meetings={upcoming} />
      <Earlier
        meetings={earlier}
        {...(ended.hasNextPage && { onMore: () => void ended.fetchNextPage() })}
      />
    </div>
  );
}

function Group({ title, meetings }: { title: string; meetings: readonly Meeting[] }) {
  if (meetings.length === 0) return null;
  return (
    <section>
      <h3 className="text-sm font-semibold text-soft">{title}</h3>
      <ul aria-label={title} className="-mx-3 mt-1 grid grid-cols-[minmax(0,1fr)] gap-1">
        {meetings.map((meeting) => (
          <li key={meeting.id}>
            <MeetingRow meeting={meeting} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** So many at first: what has been is not what one comes for. */
const FIRST = 5;

interface EarlierProps {
  meetings: readonly Meeting[];
  /** There are more on the server. */
  onMore?: () => void;
}

function Earlier({ meetings, onMore }: EarlierProps) {
  const t = useText(meetingsTexts);
  const common = useText(commonTexts);
  const [all, setAll] = useState(false);
  const rest = !all && meetings.length > FIRST;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <Group title={t("earlier")} meetings={rest ? meetings.slice(0, FIRST) : meetings} />
      {(rest || onMore) && (
        <Button
          look="plain"
          className="justify-self-center"
          onClick={rest ? () => setAll(true) : onMore}
        >
          {common("show_more")}
        </Button>
      )}
    </div>
  );
}
