import { useEffect, useRef, useState } from "react";
import { ErrorState } from "@/components/error-state";
import { Notice } from "@/components/notice";
import { Panel } from "@/components/screen";
import { Skeleton } from "@/components/skeleton";
import { Time } from "@/components/time";
import { useFormat } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { administrationTexts } from "@/locales/administration";
import { Figure } from "./figure";
import { useServer } from "./queries";
import { percent, size } from "./sizes";

export function Server() {
  const { data, error, isPending, refetch } = useServer();
  if (isPending) return <Skeleton />;
  if (!data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return <Health health={data} />;
}

type Health = NonNullable<ReturnType<typeof useServer>["data"]>;

function Health({ health }: { health: Health }) {
  const t = useText(administrationTexts);
  const format = useFormat();
  const load = useLoad(health);
  const { database } = health;
  return (
    <Panel>
      {health.engine_reason && (
        <div className="mb-5">
          <Notice>{t("engine_why", { reason: health.engine_reason })}</Notice>
        </div>
      )}
      <dl className="grid grid-cols-2 gap-x-5 gap-y-6 sm:grid-cols-4">
        <Figure label={t("version")}>{health.version}</Figure>
        <Figure label={t("running_since")}>
          <Time value={health.started_at} />
        </Figure>
        <Figure label={t("engine")}>
          {t(`engine_${health.engine}`)}
          {health.engines > 1 && ` × ${format.number(health.engines)}`}
        </Figure>
        <Figure label={t("processor")}>
          {load === null ? "…" : t("of_a_core", { share: percent(load, format) })}
        </Figure>
        <Figure label={t("memory")}>{size(health.memory, format)}</Figure>
        <Figure label={t("disk")}>
          {size(health.disk_free, format)}{" "}
          <span className="font-normal text-soft">
            {t("of_size", { size: size(health.disk_size, format) })}
          </span>
        </Figure>
        <Figure label={t("connections")}>{format.number(health.sockets)}</Figure>
        <Figure label={t("sessions")}>{format.number(health.sessions)}</Figure>
        <Figure label={t("meetings_now")}>{format.number(health.meetings)}</Figure>
        <Figure label={t("participants")}>{format.number(health.participants)}</Figure>
        <Figure label={t("database")}>
          {database.reachable ? (
            t("database_use", { count: database.connections, most: database.max_connections })
          ) : (
            <span className="text-alarm">{t("database_away")}</span>
          )}
        </Figure>
      </dl>
    </Panel>
  );
}

/** Of one core, since the last look; null at the first. */
function useLoad({ cpu_seconds, at }: Health): number | null {
  const last = useRef<Pick<Health, "cpu_seconds" | "at"> | null>(null);
  const [load, setLoad] = useState<number | null>(null);
  useEffect(() => {
    const before = last.current;
    last.current = { cpu_seconds, at };
    if (!before || at <= before.at) return;
    setLoad((cpu_seconds - before.cpu_seconds) / ((at - before.at) / 1_000));
  }, [cpu_seconds, at]);
  return load;
}
