import { expect, test } from "vitest";
import { makeTile } from "@/testing/tiles";
import { arrange, type Layout } from "./arrangement";
import { Seating } from "./seating";
import type { Tile } from "./tiles";

const STAGE = { width: 1200, height: 700 };
const SELF = makeTile({ key: "self", self: true });

function arranged(tiles: Tile[], layout: Layout = "grid") {
  return arrange(tiles, STAGE, layout, new Seating());
}

function people(count: number) {
  return Array.from({ length: count }, (_, index) => makeTile({ key: `person ${index}` }));
}

test("all as a grid while nobody shows a screen", () => {
  const { placed, hidden } = arranged([...people(2), SELF]);
  expect(placed.map(({ tile }) => tile.key)).toEqual(["person 0", "person 1", "self"]);
  expect(new Set(placed.map(({ box }) => box.width)).size).toBe(1);
  expect(hidden).toBe(0);
});

test("somebody's screen gets the big place", () => {
  const screen = makeTile({ key: "screen", source: "screen" });
  const { placed } = arranged([screen, ...people(1), SELF]);
  const [main, ...rest] = placed;
  expect(main?.tile).toBe(screen);
  for (const { box } of rest) expect(main?.box.width).toBeGreaterThan(3 * box.width);
});

test("the own screen does not: it would show itself in itself", () => {
  const own = makeTile({ key: "own screen", source: "screen", self: true });
  const { placed } = arranged([...people(1), own, SELF]);
  expect(new Set(placed.map(({ box }) => box.width)).size).toBe(1);
});

test("where there is no room for all, oneself stays and the number of the others is known", () => {
  const { placed, hidden } = arranged([...people(40), SELF]);
  expect(placed.length).toBeLessThanOrEqual(25);
  expect(placed.at(-1)?.tile).toBe(SELF);
  expect(placed.length + hidden).toBe(41);
});

test("a pinned tile gets the big place, even before a screen", () => {
  const screen = makeTile({ key: "screen", source: "screen" });
  const pinned = makeTile({ key: "pinned", pinned: true });
  const { placed } = arranged([screen, ...people(1), pinned, SELF]);
  expect(placed.map(({ tile }) => tile.key)).toEqual(["pinned", "screen", "person 0", "self"]);
  expect(placed[0]?.box.width).toBeGreaterThan(3 * (placed[1]?.box.width ?? 0));
});

test("oneself pinned is shown once", () => {
  const { placed } = arranged([...people(2), { ...SELF, pinned: true }]);
  expect(placed.map(({ tile }) => tile.key)).toEqual(["self", "person 0", "person 1"]);
});

test("whoever leads gets the big place where the layout has one for speakers", () => {
  const leader = makeTile({ key: "leader", leads: true });
  const tiles = [...people(2), leader, SELF];
  expect(arranged(tiles, "speaker").placed[0]?.tile).toBe(leader);
  const grid = arranged(tiles).placed.map(({ box }) => box.width);
  expect(new Set(grid).size).toBe(1);
});

test("before anybody has spoken the first of the others has it, alone nobody", () => {
  expect(arranged([...people(2), SELF], "speaker").placed[0]?.tile.key).toBe("person 0");
  expect(arranged([SELF], "speaker").placed.map(({ tile }) => tile)).toEqual([SELF]);
});

test("on the smallest stage oneself remains", () => {
  const stage = { width: 60, height: 60 };
  const { placed, hidden } = arrange([...people(3), SELF], stage, "grid", new Seating());
  expect(placed.map(({ tile }) => tile)).toEqual([SELF]);
  expect(hidden).toBe(3);
});
