import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Reactions } from "./reactions";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("each floats for some seconds", () => {
  const reactions = new Reactions();
  reactions.show("ben", "👍");
  vi.advanceTimersByTime(3_000);
  reactions.show("ben", "👍");
  expect(reactions.floating.get().map(({ emoji }) => emoji)).toEqual(["👍", "👍"]);
  vi.advanceTimersByTime(1_000);
  expect(reactions.floating.get()).toHaveLength(1);
  vi.advanceTimersByTime(3_000);
  expect(reactions.floating.get()).toEqual([]);
});

test("a hall that claps is shown by its latest hands, and nothing is left behind", () => {
  const reactions = new Reactions();
  for (let count = 0; count < 300; count++) reactions.show(`p${count}`, "👏");
  const shown = reactions.floating.get();
  expect(shown.map(({ participantId }) => participantId).slice(-1)).toEqual(["p299"]);
  expect(shown.length).toBeLessThan(30);
  reactions.clear();
  expect(vi.getTimerCount()).toBe(0);
});
