/** Which tiles are shown, and where. */
import { type Box, grid, gridCapacity, type Size, spotlight } from "./layout";
import type { Tile } from "./tiles";

export interface Placed {
  tile: Tile;
  box: Box;
}

export interface Arrangement {
  placed: Placed[];
  /** Tiles for which there is no room. */
  hidden: number;
}

/** Somebody else's screen gets the big place; oneself is always shown. */
export function arrange(tiles: readonly Tile[], stage: Size): Arrangement {
  const main = tiles.find((tile) => tile.source === "screen" && !tile.self);
  return main ? withMain(main, tiles, stage) : asGrid(tiles, stage);
}

function asGrid(tiles: readonly Tile[], stage: Size): Arrangement {
  const shown = keepLast(tiles, gridCapacity(stage));
  return { placed: pair(shown, grid(shown.length, stage)), hidden: tiles.length - shown.length };
}

function withMain(main: Tile, tiles: readonly Tile[], stage: Size): Arrangement {
  const others = tiles.filter((tile) => tile !== main);
  const places = spotlight(others.length, stage);
  const shown = keepLast(others, places.rest.length);
  return {
    placed: [{ tile: main, box: places.main }, ...pair(shown, places.rest)],
    hidden: others.length - shown.length,
  };
}

/** The first ones as far as there is room, but the last one (oneself) in any case. */
function keepLast(tiles: readonly Tile[], room: number): Tile[] {
  return tiles.length <= room ? [...tiles] : [...tiles.slice(0, room - 1), ...tiles.slice(-1)];
}

function pair(tiles: readonly Tile[], boxes: readonly Box[]): Placed[] {
  return tiles.flatMap((tile, index) => {
    const box = boxes[index];
    return box ? [{ tile, box }] : [];
  });
}
