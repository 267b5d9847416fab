import type { MediaSession } from "@/media/session";
import type { Figures } from "@/media/statistics";
import type { Tile } from "@/media/tiles";
import { useObservable } from "@/store/use-observable";
import { useFigures } from "./use-figures";

/** What this picture is made of, while somebody reads the statistics. */
export function TileFigures({ tile, session }: { tile: Tile; session: MediaSession }) {
  const format = useFigures();
  const flow = useObservable(session.watch.figures, (figures) => flowOf(figures, tile));
  if (!flow) return null;
  return (
    <p
      data-testid="tile-figures"
      className="absolute inset-x-2 top-2 w-fit max-w-[calc(100%-3.5rem)] truncate rounded-lg bg-stage/80 px-2 py-1 text-xs tabular-nums"
    >
      {format.picture(flow)} · {format.bitrate(flow.bitrate)} · {format.part(flow.loss)}
    </p>
  );
}

function flowOf(figures: Figures | null, { trackId }: Tile) {
  if (trackId === null) return undefined;
  return figures?.inbound.find((flow) => flow.trackId === trackId && flow.bitrate > 0);
}
