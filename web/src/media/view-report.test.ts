import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeTile } from "@/testing/tiles";
import { ViewReport } from "./view-report";

const BOX = { x: 0, y: 0, width: 320, height: 180 };
const send = vi.fn();
let view: ViewReport;

beforeEach(() => {
  vi.useFakeTimers();
  send.mockClear();
  view = new ViewReport(send);
});

afterEach(() => {
  vi.useRealTimers();
});

test("tells sizes in device pixels, and what matters more", () => {
  view.show(
    [
      { tile: makeTile({ trackId: "scr", source: "screen" }), box: BOX },
      { tile: makeTile({ trackId: "cam" }), box: BOX },
      { tile: makeTile({ trackId: "off", live: false }), box: BOX },
      { tile: makeTile({ trackId: null }), box: BOX },
    ],
    1.5,
  );
  vi.advanceTimersByTime(60);
  expect(send).toHaveBeenCalledExactlyOnceWith([
    { track_id: "scr", width: 480, height: 270, priority: 100 },
    { track_id: "cam", width: 480, height: 270, priority: 50 },
    { track_id: "off", width: 480, height: 270, priority: 10 },
  ]);
});

test("tells only where a layout has settled, and only what is new", () => {
  for (let width = 300; width < 310; width++) {
    view.show([{ tile: makeTile(), box: { ...BOX, width } }], 1);
    vi.advanceTimersByTime(30);
  }
  vi.advanceTimersByTime(60);
  expect(send).toHaveBeenCalledTimes(1);
  view.show([{ tile: makeTile(), box: { ...BOX, width: 309 } }], 1);
  vi.advanceTimersByTime(60);
  expect(send).toHaveBeenCalledTimes(1);
});

test("tells all again when the server has forgotten", () => {
  view.show([{ tile: makeTile(), box: BOX }], 1);
  vi.advanceTimersByTime(60);
  view.forget();
  view.flush();
  expect(send).toHaveBeenCalledTimes(2);
});

test("before there is a layout it tells nothing", () => {
  view.flush();
  expect(send).not.toHaveBeenCalled();
});
