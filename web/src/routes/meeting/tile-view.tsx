import { AudioLines, Hand, MicOff, MonitorUp, Pin, PinOff, TriangleAlert } from "lucide-react";
import { useCallback } from "react";
import { Avatar } from "@/components/avatar";
import { useText } from "@/i18n/text";
import { type MeetingText, meetingTexts } from "@/locales/meeting";
import { panelsTexts } from "@/locales/panels";
import type { Box } from "@/media/layout";
import { Meter } from "@/media/meter";
import type { MediaSession } from "@/media/session";
import type { Tile } from "@/media/tiles";
import { Observable } from "@/store/observable";
import { useObservable } from "@/store/use-observable";
import { LocalVideo } from "./local-video";
import { PictureView } from "./picture-view";
import { QualityMark } from "./quality-mark";
import { TileFigures } from "./tile-figures";

/** A voice louder than this is one who speaks: -dBov, and the own meter's scale. */
const SPEAKING = 50;
const SPEAKING_SELF = 0.4;
const NEVER = new Observable(false);

interface Props {
  tile: Tile;
  box: Box;
  session: MediaSession;
}

export function TileView({ tile, box, session }: Props) {
  const t = useText(meetingTexts);
  const arrived = useObservable(tile.picture?.visible ?? NEVER);
  const live = tile.live && (tile.self || (arrived && !tile.paused));
  const isScreen = tile.source === "screen";
  return (
    <article
      data-testid="tile"
      data-participant={tile.participantId}
      data-source={tile.source}
      data-name={tile.name}
      data-self={tile.self}
      data-state={live ? "video" : "avatar"}
      aria-label={label(tile, t)}
      style={{
        width: box.width,
        height: box.height,
        transform: `translate(${box.x}px, ${box.y}px)`,
      }}
      className="group @container absolute left-0 top-0 animate-fade overflow-hidden rounded-tile bg-tile transition-[transform,width,height] duration-200 ease-out"
    >
      {!live && <Waiting tile={tile} box={box} />}
      {tile.picture && <PictureView picture={tile.picture} shown={live} whole={isScreen} />}
      {tile.preview && (
        <LocalVideo
          track={tile.preview}
          mirrored={!isScreen}
          className={isScreen ? "object-contain" : "object-cover"}
        />
      )}
      <Caption tile={tile} session={session} />
      {!isScreen &&
        (tile.self ? <OwnRing session={session} /> : <Ring tile={tile} session={session} />)}
      {tile.hand !== null && <HandMark />}
      <TileFigures tile={tile} session={session} />
      <PinButton tile={tile} session={session} />
      {isScreen && tile.self && <StopButton session={session} />}
    </article>
  );
}

function label(tile: Tile, t: MeetingText): string {
  if (tile.source === "camera") return tile.self ? t("you") : tile.name;
  return tile.self ? t("your_screen") : t("screen_of", { name: tile.name });
}

/** On a tile lower than this the avatar keeps clear of the name. */
const LOW = 170;
const CAPTION = 28;

/** What is seen before there is a picture, or instead of one. */
function Waiting({ tile, box }: { tile: Tile; box: Box }) {
  const t = useText(meetingTexts);
  const size = Math.min(box.width, box.height) * 0.42;
  return (
    <div
      style={{ bottom: box.height < LOW ? CAPTION : 0 }}
      className="absolute inset-x-0 top-0 grid place-content-center justify-items-center gap-3"
    >
      {tile.source === "screen" ? (
        <MonitorUp className="size-10 text-soft" aria-hidden="true" />
      ) : (
        <span style={{ width: size, height: size, fontSize: size * 0.4 }} className="grid">
          <Avatar name={tile.name} />
        </span>
      )}
      {tile.unsupported && (
        <p className="px-4 text-center text-sm text-soft">{t("video_unsupported")}</p>
      )}
      {tile.live && tile.paused && <PausedNote small={box.height < LOW} />}
    </div>
  );
}

/** Where there is no room for words, they are only said. */
function PausedNote({ small }: { small: boolean }) {
  const t = useText(meetingTexts);
  return (
    <p
      className={
        small
          ? "absolute left-2 top-2"
          : "flex items-center gap-1.5 px-3 text-center text-sm text-soft"
      }
    >
      <TriangleAlert className="size-4 shrink-0 text-sun" aria-hidden="true" />
      <span className={small ? "sr-only" : ""}>{t("video_paused")}</span>
    </p>
  );
}

function Caption({ tile, session }: { tile: Tile; session: MediaSession }) {
  const t = useText(meetingTexts);
  const speaker = useObservable(
    session.state,
    (state) => tile.source === "camera" && !tile.silent && state.speaker === tile.participantId,
  );
  const screen = tile.source === "screen";
  return (
    <div className="absolute bottom-1 left-1 flex max-w-[calc(100%-0.5rem)] items-center gap-1.5 rounded-[10px] bg-stage/75 px-1.5 py-0.5 text-xs @min-3xs:bottom-2 @min-3xs:left-2 @min-3xs:max-w-[calc(100%-1rem)] @min-3xs:px-2 @min-3xs:py-1 @min-3xs:text-sm">
      {screen && <MonitorUp className="size-4 shrink-0" aria-hidden="true" />}
      {!screen && tile.silent && (
        <MicOff className="size-4 shrink-0 text-alarm" role="img" aria-label={t("muted")} />
      )}
      {speaker && (
        <AudioLines className="size-4 shrink-0 text-sun" role="img" aria-label={t("speaking")} />
      )}
      <span className="truncate">
        {tile.self ? (screen ? t("your_screen") : t("name_you", { name: tile.name })) : tile.name}
      </span>
      {!screen && <QualityMark tile={tile} session={session} />}
      {tile.guest && <span className="shrink-0 text-soft @max-3xs:hidden">{t("guest")}</span>}
    </div>
  );
}

/** Written straight onto the page: voices change too often for React. */
function Ring({ tile: { voice, silent }, session }: Omit<Props, "box">) {
  const watch = useCallback(
    (ring: HTMLElement | null) => {
      if (!ring || voice === null || silent) return;
      const show = () => mark(ring, (session.levels.get()[voice] ?? 127) < SPEAKING);
      show();
      return stopMarking(ring, session.levels.subscribe(show));
    },
    [session, voice, silent],
  );
  return <div ref={watch} data-speaking={false} className={RING} />;
}

function OwnRing({ session }: { session: MediaSession }) {
  const { on, track } = useObservable(session.local.state, (state) => state.microphone);
  const watch = useCallback(
    (ring: HTMLElement | null) => {
      if (!ring || !on || !track) return;
      const meter = new Meter(track, (level) => mark(ring, level > SPEAKING_SELF));
      return stopMarking(ring, () => meter.close());
    },
    [on, track],
  );
  return <div ref={watch} data-speaking={false} className={RING} />;
}

const RING =
  "pointer-events-none absolute inset-0 rounded-tile ring-3 ring-sun ring-inset transition-opacity duration-150 data-[speaking=false]:opacity-0";

function mark(ring: HTMLElement, speaks: boolean): void {
  ring.dataset.speaking = String(speaks);
}

function stopMarking(ring: HTMLElement, stop: () => void): () => void {
  return () => {
    stop();
    mark(ring, false);
  };
}

function HandMark() {
  const t = useText(panelsTexts);
  return (
    <span className="absolute left-2 top-2 grid size-9 animate-rise place-items-center rounded-full bg-sun text-stage">
      <Hand className="size-5" role="img" aria-label={t("hand_raised")} />
    </span>
  );
}

/** On a phone; else it is in the bar. */
function StopButton({ session }: { session: MediaSession }) {
  const t = useText(meetingTexts);
  return (
    <button
      type="button"
      onClick={() => session.local.stopScreen()}
      className="absolute bottom-2 right-2 min-h-9 rounded-lg bg-danger px-3 text-sm font-semibold text-on-danger sm:hidden"
    >
      {t("share_stop")}
    </button>
  );
}

/** Gives this tile the large place, and takes it away again. */
function PinButton({ tile, session }: { tile: Tile; session: MediaSession }) {
  const t = useText(meetingTexts);
  const Icon = tile.pinned ? PinOff : Pin;
  return (
    <button
      type="button"
      aria-label={t("pin", { name: label(tile, t) })}
      aria-pressed={tile.pinned}
      onClick={() => session.outlook.patch({ pinned: tile.pinned ? null : tile.key })}
      className="absolute right-2 top-2 grid size-9 place-items-center rounded-lg bg-stage/70 opacity-0 backdrop-blur-sm transition-opacity hover:bg-raised focus-visible:opacity-100 group-hover:opacity-100 aria-pressed:opacity-100 pointer-coarse:opacity-100"
    >
      <Icon className="size-4.5" aria-hidden="true" />
    </button>
  );
}
