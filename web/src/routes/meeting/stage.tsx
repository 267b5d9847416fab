import { useEffect, useMemo, useState } from "react";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import { arrange } from "@/media/arrangement";
import { Seating } from "@/media/seating";
import type { MediaSession } from "@/media/session";
import { tilesOf } from "@/media/tiles";
import { useObservable } from "@/store/use-observable";
import { Pager } from "./pager";
import { TileView } from "./tile-view";
import { useSize } from "./use-size";

/** All tiles, in one flat list: they move by their style, so a video never leaves the page. */
export function Stage({ session }: { session: MediaSession }) {
  const t = useText(meetingTexts);
  const [ref, size] = useSize();
  const state = useObservable(session.state);
  const local = useObservable(session.local.state);
  const slots = useObservable(session.slots.view);
  const leaders = useObservable(session.conversation.leaders);
  const { layout, pinned } = useObservable(session.outlook);
  const [seating] = useState(() => new Seating());
  const tiles = useMemo(
    () => tilesOf(state, local, slots, { pinned, leaders }),
    [state, local, slots, pinned, leaders],
  );
  const [wanted, setPage] = useState(0);
  const { placed, page, pages } = useMemo(
    () => arrange(tiles, size, layout, seating, wanted),
    [tiles, size, layout, seating, wanted],
  );

  useEffect(() => {
    if (size.width > 0) session.view.show(placed, window.devicePixelRatio);
  }, [session, placed, size]);

  return (
    <>
      <section ref={ref} aria-label={t("people")} className="relative min-h-0 grow overflow-hidden">
        {size.width > 0 &&
          placed.map(({ tile, box }) => (
            <TileView key={tile.key} tile={tile} box={box} session={session} />
          ))}
      </section>
      {pages > 1 && <Pager page={page} pages={pages} onTurn={setPage} />}
    </>
  );
}
