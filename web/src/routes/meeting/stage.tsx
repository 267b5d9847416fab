import { useEffect, useMemo } from "react";
import { arrange } from "@/media/arrangement";
import type { MediaSession } from "@/media/session";
import { tilesOf } from "@/media/tiles";
import { useObservable } from "@/store/use-observable";
import { TileView } from "./tile-view";
import { useSize } from "./use-size";

/** All tiles, in one flat list: they move by their style, so a video never leaves the page. */
export function Stage({ session }: { session: MediaSession }) {
  const [ref, size] = useSize();
  const state = useObservable(session.state);
  const local = useObservable(session.local.state);
  const slots = useObservable(session.slots.view);
  const tiles = useMemo(() => tilesOf(state, local, slots), [state, local, slots]);
  const { placed, hidden } = useMemo(() => arrange(tiles, size), [tiles, size]);

  useEffect(() => {
    if (size.width > 0) session.view.show(placed, window.devicePixelRatio);
  }, [session, placed, size]);

  return (
    <section ref={ref} aria-label="People" className="relative min-h-0 grow overflow-hidden">
      {size.width > 0 &&
        placed.map(({ tile, box }) => (
          <TileView key={tile.key} tile={tile} box={box} session={session} />
        ))}
      {hidden > 0 && (
        <p className="absolute right-2 top-2 rounded-lg bg-stage/80 px-2.5 py-1 text-sm">
          {hidden} more not shown
        </p>
      )}
    </section>
  );
}
