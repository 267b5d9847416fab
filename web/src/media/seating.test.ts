import { beforeEach, expect, test } from "vitest";
import { makeTile } from "@/testing/tiles";
import { Seating } from "./seating";

let seating: Seating;

beforeEach(() => {
  seating = new Seating();
});

function tiles(names: string, leader?: string) {
  return [...names].map((key) => makeTile({ key, leads: key === leader }));
}

/** Who sits where while `leader` leads. */
function seated(names: string, places: number, leader?: string): string {
  const all = tiles(names, leader);
  seating.listen(all);
  return seating
    .seat(all, places)
    .map((tile) => tile.key)
    .join("");
}

test("all in their order where there is room", () => {
  expect(seated("abc", 3)).toBe("abc");
  expect(seated("abcd", 5)).toBe("abcd");
  expect(seated("acd", 5)).toBe("acd");
});

test("whoever speaks comes forward, and nobody else moves", () => {
  expect(seated("abcdef", 4)).toBe("abcd");
  expect(seated("abcdef", 4, "f")).toBe("abcf");
  expect(seated("abcdef", 4, "f")).toBe("abcf");
  expect(seated("abcdef", 4, "b")).toBe("abcf");
});

test("faces go before names, and voices before faces", () => {
  const all = (live: string, leader?: string) =>
    tiles("abcdef", leader).map((tile) => ({ ...tile, live: live.includes(tile.key) }));
  const names = (shown: readonly { key: string }[]) => shown.map((tile) => tile.key).join("");
  expect(names(seating.seat(all("ef"), 3))).toBe("aef");
  expect(names(seating.seat(all("def"), 3))).toBe("def");
  const speaking = all("def", "b");
  seating.listen(speaking);
  expect(names(seating.seat(speaking, 3))).toBe("deb");
  expect(names(seating.seat(all("acdef"), 3))).toBe("deb");
});

test("whoever has been silent longest makes room", () => {
  seated("abcdef", 3, "c");
  seated("abcdef", 3, "b");
  seated("abcdef", 3, "a");
  expect(seated("abcdef", 3, "e")).toBe("abe");
  expect(seated("abcdef", 3, "f")).toBe("afe");
  expect(seated("abcdef", 3, "c")).toBe("cfe");
});

test("the place of one who leaves is taken by one who waits", () => {
  expect(seated("abcdef", 4)).toBe("abcd");
  expect(seated("acdef", 4)).toBe("aecd");
});

test("who comes from the large place sits where the next one sat", () => {
  const all = tiles("abcd", "b");
  seating.listen(all);
  const others = all.filter((tile) => !tile.leads);
  expect(seating.seat(others, 3).map((tile) => tile.key)).toEqual(["a", "c", "d"]);
  const next = tiles("abcd", "c");
  seating.listen(next);
  const rest = next.filter((tile) => !tile.leads);
  expect(seating.seat(rest, 3).map((tile) => tile.key)).toEqual(["a", "b", "d"]);
});

test("with fewer places those who spoke remain", () => {
  expect(seated("abcd", 4, "d")).toBe("abcd");
  expect(seated("abcd", 2, "d")).toBe("ad");
  expect(seated("abcd", 0, "d")).toBe("");
  expect(seated("abcd", 4, "d")).toBe("abcd");
});

test("a screen is always among them", () => {
  const all = [...tiles("abc"), makeTile({ key: "s", source: "screen" })];
  expect(seating.seat(tiles("abc"), 2).map((tile) => tile.key)).toEqual(["a", "b"]);
  expect(seating.seat(all, 2).map((tile) => tile.key)).toEqual(["a", "s"]);
  const speaking = [...tiles("abc", "c"), ...all.slice(3)];
  seating.listen(speaking);
  expect(seating.seat(speaking, 1).map((tile) => tile.key)).toEqual(["s"]);
});
