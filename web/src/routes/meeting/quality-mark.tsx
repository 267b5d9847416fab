import { SignalLow, SignalMedium } from "lucide-react";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { Quality } from "@/media/connection-watch";
import type { MediaSession } from "@/media/session";
import type { Tile } from "@/media/tiles";
import { useObservable } from "@/store/use-observable";

/** Where a connection is not good. Of others' one knows only how what they send arrives. */
export function QualityMark({ tile, session }: { tile: Tile; session: MediaSession }) {
  const t = useText(meetingTexts);
  const mark = useObservable(session.watch.quality, (quality) => markOf(tile, quality));
  if (!mark) return null;
  const Icon = mark === "own_poor" ? SignalLow : SignalMedium;
  return (
    <span title={t(mark)} className="shrink-0">
      <Icon
        className={`size-4 ${mark === "own_poor" ? "text-alarm" : "text-sun"}`}
        role="img"
        aria-label={t(mark)}
      />
    </span>
  );
}

function markOf(tile: Tile, { own, weak }: Quality) {
  if (tile.self) return own === "poor" || own === "fair" ? (`own_${own}` as const) : null;
  const arrives = [tile.trackId, tile.voice].every((id) => id === null || !weak.has(id));
  return arrives ? null : "gaps";
}
