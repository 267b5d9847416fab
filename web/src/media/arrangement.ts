/** Which tiles are shown, and where. */
import { type Box, grid, gridCapacity, type Size, spotlight } from "./layout";
import type { Seating } from "./seating";
import type { Tile } from "./tiles";

/** Equal places for all, or a large one for whoever speaks. */
export type Layout = "grid" | "speaker";

export interface Placed {
  tile: Tile;
  box: Box;
}

export interface Arrangement {
  placed: Placed[];
  /** Tiles for which there is no room. */
  hidden: number;
}

/** Oneself is always shown, and last. */
export function arrange(
  tiles: readonly Tile[],
  stage: Size,
  layout: Layout,
  seating: Seating,
): Arrangement {
  seating.listen(tiles);
  const main = mainOf(tiles, layout);
  const others = tiles.filter((tile) => tile !== main);
  const places = main && spotlight(others.length, stage);
  const shown = seatAll(others, places ? places.rest.length : gridCapacity(stage), seating);
  const boxes = places ? places.rest : grid(shown.length, stage);
  const large = main && places ? [{ tile: main, box: places.main }] : [];
  return { placed: [...large, ...pair(shown, boxes)], hidden: others.length - shown.length };
}

/** The big place is for what was pinned, else for somebody else's screen, else for who speaks. */
function mainOf(tiles: readonly Tile[], layout: Layout): Tile | undefined {
  const pinned = tiles.find((tile) => tile.pinned);
  const shared = tiles.find((tile) => tile.source === "screen" && !tile.self);
  return pinned ?? shared ?? (layout === "speaker" ? speakerOf(tiles) : undefined);
}

function speakerOf(tiles: readonly Tile[]): Tile | undefined {
  const faces = tiles.filter((tile) => tile.source === "camera" && !tile.self);
  return faces.find((tile) => tile.leads) ?? faces[0];
}

function seatAll(tiles: readonly Tile[], places: number, seating: Seating): Tile[] {
  const isOneself = (tile: Tile) => tile.self && tile.source === "camera";
  const oneself = tiles.filter(isOneself);
  const others = tiles.filter((tile) => !isOneself(tile));
  return [...seating.seat(others, Math.max(0, places - oneself.length)), ...oneself];
}

function pair(tiles: readonly Tile[], boxes: readonly Box[]): Placed[] {
  return tiles.flatMap((tile, index) => {
    const box = boxes[index];
    return box ? [{ tile, box }] : [];
  });
}
