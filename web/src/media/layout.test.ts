import { expect, test } from "vitest";
import { type Box, grid, gridCapacity, type Size, spotlight } from "./layout";

const WINDOWS: Record<string, Size> = {
  "phone 360": { width: 344, height: 640 },
  "phone on its side": { width: 800, height: 300 },
  laptop: { width: 1424, height: 784 },
  "4K": { width: 3824, height: 2040 },
};
const COUNTS = [1, 2, 3, 4, 5, 7, 9, 12, 16, 25];

function overlap(a: Box, b: Box): boolean {
  const apart =
    a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
  return !apart;
}

function expectFit(boxes: Box[], stage: Size): void {
  for (const [index, box] of boxes.entries()) {
    expect(box.width).toBeGreaterThan(0);
    expect(box.height).toBeGreaterThan(0);
    expect(box.x).toBeGreaterThanOrEqual(-0.01);
    expect(box.y).toBeGreaterThanOrEqual(-0.01);
    expect(box.x + box.width).toBeLessThanOrEqual(stage.width + 0.01);
    expect(box.y + box.height).toBeLessThanOrEqual(stage.height + 0.01);
    for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false);
  }
}

const CASES = Object.entries(WINDOWS).flatMap(([name, stage]) =>
  COUNTS.map((count) => ({ name, stage, count })),
);

test.each(CASES)("grid of $count on a $name lies inside, side by side", ({ stage, count }) => {
  const boxes = grid(count, stage);
  expect(boxes).toHaveLength(count);
  expectFit(boxes, stage);
});

test.each(CASES)("screen and $count others on a $name", ({ stage, count }) => {
  const { main, rest } = spotlight(count, stage);
  expectFit([main, ...rest], stage);
  expect(rest.length).toBeGreaterThanOrEqual(1);
  expect(rest.length).toBeLessThanOrEqual(count);
  for (const box of rest) expect(main.width).toBeGreaterThanOrEqual(box.width);
});

test("two sit side by side on a laptop, one above the other on a phone", () => {
  const [left, right] = grid(2, { width: 1400, height: 800 });
  expect(left?.y).toBe(right?.y);
  const [above, below] = grid(2, { width: 360, height: 640 });
  expect(above?.x).toBe(below?.x);
});

test("all tiles of a grid are equal, and an unfilled row is in the middle", () => {
  const stage = { width: 1200, height: 800 };
  const [first, second, third] = grid(3, stage);
  expect(first?.width).toBe(second?.width);
  expect(third?.width).toBe(first?.width);
  expect((third?.x ?? 0) + (third?.width ?? 0) / 2).toBeCloseTo(stage.width / 2);
});

test("a tile is never flatter than 16:9", () => {
  for (const { stage, count } of CASES) {
    for (const box of grid(count, stage))
      expect(box.width / box.height).toBeLessThan(16 / 9 + 0.001);
  }
});

test("a large window holds 25, a small one as many as are recognizable", () => {
  expect(gridCapacity({ width: 1424, height: 784 })).toBe(25);
  const phone = { width: 344, height: 640 };
  const most = gridCapacity(phone);
  expect(most).toBeGreaterThanOrEqual(8);
  expect(most).toBeLessThan(25);
  for (const box of grid(most, phone)) expect(box.width).toBeGreaterThanOrEqual(128);
});

test("alone with a screen, nothing is beside it", () => {
  const stage = { width: 800, height: 600 };
  expect(spotlight(0, stage)).toEqual({ main: { x: 0, y: 0, ...stage }, rest: [] });
});
