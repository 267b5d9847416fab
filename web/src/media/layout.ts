/** Where the tiles of a meeting go. All lengths in CSS pixels; the stage's corner is 0, 0. */

export interface Size {
  width: number;
  height: number;
}

export interface Box extends Size {
  x: number;
  y: number;
}

/** Between tiles. */
export const GAP = 8;
/** A tile is never flatter or taller than this, whatever the window; pictures are cut to fit. */
const WIDEST = 16 / 9;
const TALLEST = 4 / 5;
/** Below this width a face is no face any more. */
const SMALLEST = 128;
const MOST = 25;

/** How many tiles a stage holds as a grid. */
export function gridCapacity(stage: Size): number {
  for (let count = MOST; count > 1; count--) {
    const { tile } = bestGrid(count, stage);
    if (tile.width >= SMALLEST && tile.height >= SMALLEST / WIDEST) return count;
  }
  return 1;
}

/** Equal tiles, as large as can be, an unfilled last row in the middle. */
export function grid(count: number, stage: Size): Box[] {
  if (count === 0) return [];
  const { columns, tile } = bestGrid(count, stage);
  const rows = Math.ceil(count / columns);
  const top = (stage.height - extent(rows, tile.height)) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = (stage.width - extent(inRow, tile.width)) / 2;
    return {
      x: left + (index % columns) * (tile.width + GAP),
      y: top + row * (tile.height + GAP),
      ...tile,
    };
  });
}

export interface Spotlight {
  main: Box;
  strip: Box[];
}

/** A shown screen gets the big place; `count` others share a strip beside or below it. */
export function spotlight(count: number, stage: Size): Spotlight {
  const wide = stage.width >= stage.height;
  const tile = stripTile(stage);
  const along = wide ? stage.height : stage.width;
  const step = (wide ? tile.height : tile.width) + GAP;
  const shown = Math.min(count, Math.max(1, Math.floor((along + GAP) / step)));
  const start = (along - (shown * step - GAP)) / 2;
  const strip = Array.from({ length: shown }, (_, index) =>
    wide
      ? { x: stage.width - tile.width, y: start + index * step, ...tile }
      : { x: start + index * step, y: stage.height - tile.height, ...tile },
  );
  const rest = count === 0 ? stage : withoutStrip(stage, tile, wide);
  return { main: { x: 0, y: 0, ...rest }, strip };
}

function stripTile(stage: Size): Size {
  const wide = stage.width >= stage.height;
  const width = wide ? clamp(stage.width * 0.18, 120, 320) : clamp(stage.width * 0.3, 104, 240);
  return { width, height: width / WIDEST };
}

function withoutStrip(stage: Size, tile: Size, wide: boolean): Size {
  return wide
    ? { width: stage.width - tile.width - GAP, height: stage.height }
    : { width: stage.width, height: stage.height - tile.height - GAP };
}

function bestGrid(count: number, stage: Size): { columns: number; tile: Size } {
  const candidates = Array.from({ length: count }, (_, index) => {
    const columns = index + 1;
    return { columns, tile: tileIn(columns, Math.ceil(count / columns), stage) };
  });
  return candidates.reduce((best, next) => (area(next.tile) > area(best.tile) ? next : best));
}

function tileIn(columns: number, rows: number, stage: Size): Size {
  const width = Math.max(0, (stage.width - (columns - 1) * GAP) / columns);
  const height = Math.max(0, (stage.height - (rows - 1) * GAP) / rows);
  return { width: Math.min(width, height * WIDEST), height: Math.min(height, width / TALLEST) };
}

function area({ width, height }: Size): number {
  return width * height;
}

function extent(count: number, length: number): number {
  return count * length + (count - 1) * GAP;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
