import { Video } from "lucide-react";
import { EmptyState } from "@/components/empty-state";
import { ErrorState } from "@/components/error-state";
import { Skeleton } from "@/components/skeleton";
import { Time } from "@/components/time";
import { useFormat } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { administrationTexts } from "@/locales/administration";
import { Figure } from "./figure";
import type { Flow, Metered } from "./meters";
import { useRunningMeetings } from "./queries";
import { percent, rate } from "./sizes";

/** Who is in them is not told: these are figures for whoever keeps the server running. */
export function RunningMeetings() {
  const t = useText(administrationTexts);
  const { data, error, isPending, refetch } = useRunningMeetings();
  if (isPending) return <Skeleton />;
  if (!data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data.length === 0) {
    return (
      <EmptyState icon={Video} title={t("nothing_runs")}>
        {t("nothing_runs_hint")}
      </EmptyState>
    );
  }
  return (
    <ul aria-label={t("running")} className="grid grid-cols-[minmax(0,1fr)] gap-4">
      {data.map((meeting) => (
        <li key={meeting.id}>
          <Meeting meeting={meeting} />
        </li>
      ))}
    </ul>
  );
}

function Meeting({ meeting }: { meeting: Metered }) {
  const t = useText(administrationTexts);
  const format = useFormat();
  const { title, host, began_at, participants, waiting, tracks, flow } = meeting;
  return (
    <article className="rounded-3xl border border-line bg-surface p-5">
      <h2 className="truncate text-lg font-semibold">{title || t("untitled")}</h2>
      <p className="truncate text-sm text-soft">{t("host", { name: host.name })}</p>
      <dl className="mt-4 grid grid-cols-[repeat(auto-fill,minmax(5rem,1fr))] gap-x-4 gap-y-3">
        <Figure label={t("people_in")}>{format.number(participants)}</Figure>
        <Figure label={t("waiting")}>{format.number(waiting)}</Figure>
        <Figure label={t("tracks")}>{format.number(tracks)}</Figure>
        <Figure label={t("since")}>
          <Time value={began_at} style="time" />
        </Figure>
        <Flowing flow={flow} />
      </dl>
    </article>
  );
}

function Flowing({ flow }: { flow: Flow | null }) {
  const t = useText(administrationTexts);
  const format = useFormat();
  return (
    <>
      <Figure label={t("incoming")}>{flow ? rate(flow.incoming, format) : "…"}</Figure>
      <Figure label={t("outgoing")}>{flow ? rate(flow.outgoing, format) : "…"}</Figure>
      <Figure label={t("lost")} title={t("lost_hint")}>
        {flow ? percent(flow.lost, format) : "…"}
      </Figure>
      <Figure label={t("resent")}>{flow ? percent(flow.resent, format) : "…"}</Figure>
    </>
  );
}
