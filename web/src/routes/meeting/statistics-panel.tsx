import { type ReactNode, useEffect } from "react";
import { Skeleton } from "@/components/skeleton";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { MediaSession, SessionState } from "@/media/session";
import type { Figures, Inbound, Outbound } from "@/media/statistics";
import type { TrackSource } from "@/signaling/messages";
import { useObservable } from "@/store/use-observable";
import { useFigures } from "./use-figures";

interface Props {
  session: MediaSession;
}

/** For those who look: what goes and comes, measured each second while this is open. */
export default function StatisticsPanel({ session }: Props) {
  useEffect(() => session.watch.read(), [session]);
  const figures = useObservable(session.watch.figures);
  if (!figures) {
    return (
      <div className="p-4">
        <Skeleton rows={5} />
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <div tabIndex={0} className="grid h-full content-start gap-6 overflow-y-auto p-4 pt-1 text-sm">
      <Whole session={session} figures={figures} />
      <Sent session={session} flows={figures.outbound} />
      <Received session={session} flows={figures.inbound} />
    </div>
  );
}

function Whole({ session, figures }: Props & { figures: Figures }) {
  const t = useText(meetingTexts);
  const format = useFigures();
  const own = useObservable(session.watch.quality, (quality) => quality.own);
  const { roundTrip, received, sent, lossIn, lossOut, available } = figures;
  return (
    <Part title={t("connection")}>
      <dl className="grid grid-cols-[1fr_auto_auto] gap-x-4 gap-y-1.5 tabular-nums">
        <Row name={t("quality")}>{own ? t(`quality_${own}`) : "–"}</Row>
        <Row name={t("round_trip")}>{format.time(roundTrip)}</Row>
        <Row name={t("received")} loss={format.part(lossIn)}>
          {format.bitrate(received)}
        </Row>
        <Row name={t("sent")} loss={format.part(lossOut)}>
          {format.bitrate(sent)}
        </Row>
        {available !== null && <Row name={t("available")}>{format.bitrate(available)}</Row>}
      </dl>
    </Part>
  );
}

function Row({ name, loss, children }: { name: string; loss?: string; children: ReactNode }) {
  const t = useText(meetingTexts);
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className={loss === undefined ? "col-span-2 text-right" : "text-right"}>{children}</dd>
      {loss !== undefined && <dd className="text-right text-soft">{t("loss", { part: loss })}</dd>}
    </>
  );
}

function Sent({ session, flows }: Props & { flows: readonly Outbound[] }) {
  const t = useText(meetingTexts);
  const rows = flows.flatMap((flow) => {
    const source = session.sourceAt(flow.mid);
    return source && flow.bitrate > 0 ? [{ flow, source }] : [];
  });
  return (
    <Part title={t("you_send")}>
      {rows.map(({ flow, source }) => (
        <FlowRow
          key={`${source} ${flow.rid}`}
          name={t(`of_${source}`)}
          note={flow.rid ? t("encoding", { rid: flow.rid }) : ""}
          flow={flow}
        >
          {flow.limited && <p className="text-sun">{t(`limited_${flow.limited}`)}</p>}
        </FlowRow>
      ))}
      {rows.length === 0 && <p className="text-soft">{t("nothing")}</p>}
    </Part>
  );
}

function Received({ session, flows }: Props & { flows: readonly Inbound[] }) {
  const t = useText(meetingTexts);
  const roster = useObservable(session.state, (state) => state.roster);
  const rows = flows.flatMap((flow) => {
    const owner = flow.bitrate > 0 && ownerOf(flow.trackId, roster);
    return owner ? [{ flow, ...owner }] : [];
  });
  rows.sort((one, other) => one.name.localeCompare(other.name));
  return (
    <Part title={t("you_receive")}>
      {rows.map(({ flow, name, source }) => (
        <FlowRow key={flow.trackId} name={name} note={t(`of_${source}`)} flow={flow} />
      ))}
      {rows.length === 0 && <p className="text-soft">{t("nothing")}</p>}
    </Part>
  );
}

function ownerOf(trackId: string | null, roster: SessionState["roster"]) {
  for (const { name, tracks } of roster.values()) {
    const track = tracks.find(({ id }) => id === trackId);
    if (track) return { name, source: track.source as TrackSource };
  }
  return null;
}

interface FlowRowProps {
  name: string;
  note: string;
  flow: Inbound | Outbound;
  children?: ReactNode;
}

function FlowRow({ name, note, flow, children }: FlowRowProps) {
  const t = useText(meetingTexts);
  const format = useFigures();
  return (
    <div className="tabular-nums">
      <div className="flex gap-3">
        <p className="min-w-0 grow truncate">
          <span className="font-medium">{name}</span> <span className="text-soft">{note}</span>
        </p>
        <p className="shrink-0">{format.bitrate(flow.bitrate)}</p>
      </div>
      <div className="flex gap-3 text-soft">
        <p className="min-w-0 grow truncate">{format.picture(flow)}</p>
        <p className="shrink-0">{t("loss", { part: format.part(flow.loss) })}</p>
      </div>
      {children}
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid gap-3">
      <h3 className="font-semibold">{title}</h3>
      {children}
    </section>
  );
}
