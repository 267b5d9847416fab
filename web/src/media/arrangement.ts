/** Which tiles are shown, and where. */
import { type Box, faceIn, grid, gridCapacity, type Size, spotlight } from "./layout";
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
  /** Which of `pages` this is, from 0: the last where there are fewer than was wished for. */
  page: number;
  pages: number;
}

/** Oneself is always shown, and last; so is, on each page, what has the large place. */
export function arrange(
  tiles: readonly Tile[],
  stage: Size,
  layout: Layout,
  seating: Seating,
  page = 0,
): Arrangement {
  seating.listen(tiles);
  const main = mainOf(tiles, layout);
  const others = tiles.filter((tile) => tile !== main);
  const places = main && spotlight(others.length, stage);
  const capacity = places ? places.rest.length : gridCapacity(stage);
  const { shown, ...pages } = turnTo(page, others, capacity, seating);
  const boxes = main ? spotlight(shown.length, stage).rest : grid(shown.length, stage);
  const large = main && places ? [{ tile: main, box: largeBox(main, places.main) }] : [];
  return { placed: [...large, ...pair(shown, boxes)], ...pages };
}

/** A screen is shown whole, so any shape will do. */
function largeBox({ source }: Tile, place: Box): Box {
  return source === "screen" ? place : faceIn(place);
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

interface Page {
  shown: Tile[];
  page: number;
  pages: number;
}

/** On the first page are those who matter. While one looks at another, nobody moves. */
function turnTo(page: number, tiles: readonly Tile[], places: number, seating: Seating): Page {
  const isOneself = (tile: Tile) => tile.self && tile.source === "camera";
  const oneself = tiles.filter(isOneself);
  const others = tiles.filter((tile) => !isOneself(tile));
  const room = Math.max(0, places - oneself.length);
  const first = page === 0 ? seating.seat(others, room) : seating.seated(others);
  const rest = others.filter((tile) => !first.includes(tile));
  const pages = 1 + (room > 0 ? Math.ceil(rest.length / room) : 0);
  if (page >= pages) return turnTo(pages - 1, tiles, places, seating);
  const shown = page === 0 ? first : rest.slice((page - 1) * room, page * room);
  return { shown: [...shown, ...oneself], page, pages };
}

function pair(tiles: readonly Tile[], boxes: readonly Box[]): Placed[] {
  return tiles.flatMap((tile, index) => {
    const box = boxes[index];
    return box ? [{ tile, box }] : [];
  });
}
