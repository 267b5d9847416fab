import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Conversation } from "./conversation";

let conversation: Conversation;

beforeEach(() => {
  vi.useFakeTimers();
  conversation = new Conversation();
});

afterEach(() => {
  vi.useRealTimers();
});

test("the first one leads at once, the next one after a moment", () => {
  conversation.speaker("ana");
  expect(conversation.leaders.get()).toEqual(["ana"]);
  conversation.speaker("ben");
  vi.advanceTimersByTime(999);
  expect(conversation.leaders.get()).toEqual(["ana"]);
  vi.advanceTimersByTime(1);
  expect(conversation.leaders.get()).toEqual(["ben", "ana"]);
});

test("a short interruption changes nothing", () => {
  const told = vi.fn();
  conversation.speaker("ana");
  conversation.leaders.subscribe(told);
  conversation.speaker("ben");
  vi.advanceTimersByTime(500);
  conversation.speaker("ana");
  vi.advanceTimersByTime(5_000);
  conversation.speaker("ben");
  vi.advanceTimersByTime(500);
  conversation.speaker(null);
  vi.advanceTimersByTime(5_000);
  expect(told).not.toHaveBeenCalled();
});

test("everybody is in it once, latest first", () => {
  for (const speaker of ["ana", "ben", "cleo", "ana"]) {
    conversation.speaker(speaker);
    vi.advanceTimersByTime(1_000);
  }
  expect(conversation.leaders.get()).toEqual(["ana", "cleo", "ben"]);
});

test("begins anew", () => {
  conversation.speaker("ana");
  conversation.speaker("ben");
  conversation.reset();
  vi.advanceTimersByTime(1_000);
  expect(conversation.leaders.get()).toEqual([]);
});
