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
  const { placed, pages } = arranged([...people(2), SELF]);
  expect(placed.map(({ tile }) => tile.key)).toEqual(["person 0", "person 1", "self"]);
  expect(new Set(placed.map(({ box }) => box.width)).size).toBe(1);
  expect(pages).toBe(1);
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

test("those for whom there is no room are on further pages, each once, oneself on all", () => {
  const tiles = [...people(60), SELF];
  const seating = new Seating();
  const turn = (page: number) => arrange(tiles, STAGE, "grid", seating, page);
  const { pages } = turn(0);
  const shown = Array.from({ length: pages }, (_, page) => turn(page).placed.map((p) => p.tile));
  for (const page of shown) {
    expect(page.length).toBeLessThanOrEqual(25);
    expect(page.at(-1)).toBe(SELF);
  }
  const others = shown.flat().filter((tile) => tile !== SELF);
  expect(others.map((tile) => tile.key).sort()).toEqual(
    people(60)
      .map((tile) => tile.key)
      .sort(),
  );
});

test("while one looks at a further page nobody moves there, whoever speaks", () => {
  const seating = new Seating();
  const tiles = [...people(60), SELF];
  arrange(tiles, STAGE, "grid", seating);
  const before = arrange(tiles, STAGE, "grid", seating, 1).placed;
  const speaking = tiles.map((tile) => ({ ...tile, leads: tile.key === before[3]?.tile.key }));
  const after = arrange(speaking, STAGE, "grid", seating, 1).placed;
  expect(after.map(({ tile }) => tile.key)).toEqual(before.map(({ tile }) => tile.key));
  const first = arrange(speaking, STAGE, "grid", seating).placed;
  expect(first.map(({ tile }) => tile.key)).toContain(before[3]?.tile.key);
});

test("a page that is gone turns back to the last there is", () => {
  const seating = new Seating();
  const { pages } = arrange([...people(60), SELF], STAGE, "grid", seating);
  expect(pages).toBe(3);
  expect(arrange([...people(60), SELF], STAGE, "grid", seating, 7).page).toBe(2);
  const { placed, page } = arrange([...people(3), SELF], STAGE, "grid", seating, 2);
  expect(page).toBe(0);
  expect(placed).toHaveLength(4);
});

test("beside a large place there are pages too", () => {
  const tiles = [makeTile({ key: "screen", source: "screen" }), ...people(20), SELF];
  const seating = new Seating();
  const [first, second] = [0, 1].map((page) => arrange(tiles, STAGE, "grid", seating, page));
  expect(first?.placed[0]?.tile.key).toBe("screen");
  expect(second?.placed[0]?.tile.key).toBe("screen");
  expect(second?.placed[1]?.tile.key).not.toBe(first?.placed[1]?.tile.key);
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

test("in a flat window a large face is not cut to a stripe", () => {
  const stage = { width: 720, height: 230 };
  const tiles = [...people(1), SELF];
  const [main] = arrange(tiles, stage, "speaker", new Seating()).placed;
  expect((main?.box.width ?? 0) / (main?.box.height ?? 1)).toBeCloseTo(16 / 9);
  const screen = makeTile({ key: "screen", source: "screen" });
  const [shared] = arrange([screen, ...tiles], stage, "grid", new Seating()).placed;
  expect(shared?.box.width).toBeGreaterThan(500);
});

test("before anybody has spoken the first of the others has it, alone nobody", () => {
  expect(arranged([...people(2), SELF], "speaker").placed[0]?.tile.key).toBe("person 0");
  expect(arranged([SELF], "speaker").placed.map(({ tile }) => tile)).toEqual([SELF]);
});

test("on the smallest stage oneself remains", () => {
  const stage = { width: 60, height: 60 };
  const { placed } = arrange([...people(3), SELF], stage, "grid", new Seating());
  expect(placed.map(({ tile }) => tile)).toEqual([SELF]);
});
