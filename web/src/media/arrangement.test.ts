import { expect, test } from "vitest";
import { makeTile } from "@/testing/tiles";
import { arrange } from "./arrangement";

const STAGE = { width: 1200, height: 700 };
const SELF = makeTile({ key: "self", self: true });

function people(count: number) {
  return Array.from({ length: count }, (_, index) => makeTile({ key: `person ${index}` }));
}

test("all as a grid while nobody shows a screen", () => {
  const { placed, hidden } = arrange([...people(2), SELF], STAGE);
  expect(placed.map(({ tile }) => tile.key)).toEqual(["person 0", "person 1", "self"]);
  expect(new Set(placed.map(({ box }) => box.width)).size).toBe(1);
  expect(hidden).toBe(0);
});

test("somebody's screen gets the big place", () => {
  const screen = makeTile({ key: "screen", source: "screen" });
  const { placed } = arrange([screen, ...people(1), SELF], STAGE);
  const [main, ...rest] = placed;
  expect(main?.tile).toBe(screen);
  for (const { box } of rest) expect(main?.box.width).toBeGreaterThan(3 * box.width);
});

test("the own screen does not: it would show itself in itself", () => {
  const own = makeTile({ key: "own screen", source: "screen", self: true });
  const { placed } = arrange([...people(1), own, SELF], STAGE);
  expect(new Set(placed.map(({ box }) => box.width)).size).toBe(1);
});

test("where there is no room for all, oneself stays and the number of the others is known", () => {
  const { placed, hidden } = arrange([...people(40), SELF], STAGE);
  expect(placed.length).toBeLessThanOrEqual(25);
  expect(placed.at(-1)?.tile).toBe(SELF);
  expect(placed.length + hidden).toBe(41);
});
