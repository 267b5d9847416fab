// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeReceiver, showFrame, tellNothingOfFrames, tellOfFrames } from "@/testing/fake-video";
import { awaitFrame, isAtOrAfter } from "./frame-gate";

const LAST = 2 ** 32 - 1;

test.each([
  [1000, 1000, true],
  [1001, 1000, true],
  [999, 1000, false],
  [0, LAST, true],
  [90_000, LAST, true],
  [LAST, 0, false],
  [LAST - 90_000, 5, false],
  [2 ** 31 - 1, 0, true],
  [2 ** 31, 0, false],
])("%d is at or after %d: %s", (timestamp, mark, expected) => {
  expect(isAtOrAfter(timestamp, mark)).toBe(expected);
});

let video: HTMLVideoElement;
let receiver: FakeReceiver;
const open = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  open.mockClear();
  tellOfFrames();
  video = document.createElement("video");
  receiver = new FakeReceiver();
});

afterEach(() => {
  tellNothingOfFrames();
  vi.useRealTimers();
});

function wait(mark: number | null): () => void {
  return awaitFrame({ video, receiver: receiver.asReceiver }, mark, open);
}

test("opens at the first frame of the new occupant, once", () => {
  wait(5_000);
  showFrame(video, 4_000);
  showFrame(video, 4_999);
  expect(open).not.toHaveBeenCalled();
  showFrame(video, 5_000);
  showFrame(video, 8_000);
  expect(open).toHaveBeenCalledTimes(1);
});

test("knows the new occupant across the wrap of the clock", () => {
  wait(100);
  showFrame(video, LAST - 3_000);
  expect(open).not.toHaveBeenCalled();
  showFrame(video, 3_100);
  expect(open).toHaveBeenCalled();
});

test("without a mark the first new frame will do", () => {
  wait(null);
  expect(open).not.toHaveBeenCalled();
  showFrame(video, 7);
  expect(open).toHaveBeenCalled();
});

test("called off, it never opens", () => {
  wait(100)();
  showFrame(video, 200);
  expect(open).not.toHaveBeenCalled();
});

test("where frames carry no timestamp, opens one frame after the receiver had it", () => {
  wait(5_000);
  receiver.delivered = 4_999;
  showFrame(video);
  receiver.delivered = 5_000;
  showFrame(video);
  expect(open).not.toHaveBeenCalled();
  showFrame(video);
  expect(open).toHaveBeenCalled();
});

test("where nobody tells of frames, looks ten times a second", () => {
  tellNothingOfFrames();
  wait(5_000);
  receiver.delivered = 4_999;
  vi.advanceTimersByTime(1_000);
  expect(open).not.toHaveBeenCalled();
  receiver.delivered = 5_000;
  vi.advanceTimersByTime(100);
  expect(open).not.toHaveBeenCalled();
  vi.advanceTimersByTime(100);
  expect(open).toHaveBeenCalledTimes(1);
});
