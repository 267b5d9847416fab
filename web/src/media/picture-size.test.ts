// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeTrack } from "@/testing/fake-media";
import { SizeWatch, sizeOf } from "./picture-size";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function track(kind: "audio" | "video", settings: MediaTrackSettings): MediaStreamTrack {
  return Object.assign(new FakeTrack(kind), { settings }) as unknown as MediaStreamTrack;
}

test("only a picture whose size the browser tells has one", () => {
  expect(sizeOf(track("video", { width: 640, height: 360, frameRate: 30 }))).toEqual({
    width: 640,
    height: 360,
  });
  expect(sizeOf(track("video", {}))).toBeNull();
  expect(sizeOf(track("audio", {}))).toBeNull();
  expect(sizeOf(null)).toBeNull();
});

test("tells once when a size has changed", () => {
  const changed = vi.fn();
  const screen = track("video", { width: 640, height: 360 });
  const watch = new SizeWatch(() => [null, screen], changed);
  vi.advanceTimersByTime(6_000);
  expect(changed).not.toHaveBeenCalled();
  Object.assign(screen.getSettings(), { height: 480 });
  vi.advanceTimersByTime(6_000);
  expect(changed).toHaveBeenCalledTimes(1);
  watch.stop();
  Object.assign(screen.getSettings(), { height: 360 });
  vi.advanceTimersByTime(6_000);
  expect(changed).toHaveBeenCalledTimes(1);
});
