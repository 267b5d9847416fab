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
const GAP = 8;
/** A tile is never flatter or taller than this; pictures are cut to fill it. */
const WIDEST = 16 / 9;
const TALLEST = { landscape: 4 / 3, portrait: 4 / 5 };
/** Below this width a face is no face any more. */
const SMALLEST = 128;
const MOST = 25;
/** The column beside a shown screen: its part of the stage's width, within limits. */
const STRIP = 0.18;
const STRIP_LEAST = 120;
const STRIP_MOST = 480;
/** Most screens are about so wide for their height. */
const SCREEN_SHAPE = 16 / 10;

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
  /** The others, as many as there is room for. */
  rest: Box[];
}

/** A shown screen gets the big place; `count` others are beside it, or below it on a phone. */
export function spotlight(count: number, stage: Size): Spotlight {
  if (count === 0) return { main: { x: 0, y: 0, ...stage }, rest: [] };
  return stage.width > stage.height ? besides(count, stage) : below(count, stage);
}

/** One column at the right, in the middle of its height. */
function besides(count: number, stage: Size): Spotlight {
  const width = clamp(stage.width * STRIP, STRIP_LEAST, STRIP_MOST);
  const tile = { width, height: width / WIDEST };
  const room = Math.floor((stage.height + GAP) / (tile.height + GAP));
  const shown = Math.min(count, Math.max(1, room));
  const top = (stage.height - extent(shown, tile.height)) / 2;
  const rest = Array.from({ length: shown }, (_, index) => ({
    x: stage.width - width,
    y: top + index * (tile.height + GAP),
    ...tile,
  }));
  return { main: { x: 0, y: 0, width: stage.width - width - GAP, height: stage.height }, rest };
}

function below(count: number, stage: Size): Spotlight {
  const height = Math.min(stage.height * 0.6, stage.width / SCREEN_SHAPE);
  const room = { width: stage.width, height: stage.height - height - GAP };
  const rest = grid(Math.min(count, gridCapacity(room)), room);
  return {
    main: { x: 0, y: 0, width: stage.width, height },
    rest: rest.map((box) => ({ ...box, y: box.y + height + GAP })),
  };
}

/** A face is never shown flatter than this either: the head would be cut off. */
export function faceIn(box: Box): Box {
  const width = Math.min(box.width, box.height * WIDEST);
  return { ...box, x: box.x + (box.width - width) / 2, width };
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
  const tallest = TALLEST[stage.width > stage.height ? "landscape" : "portrait"];
  return { width: Math.min(width, height * WIDEST), height: Math.min(height, width / tallest) };
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
