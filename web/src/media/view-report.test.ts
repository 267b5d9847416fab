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

test("who was pinned or leads comes before the others, a screen before all", () => {
  view.show(
    [
      { tile: makeTile({ trackId: "scr", source: "screen", pinned: true }), box: BOX },
      { tile: makeTile({ trackId: "pin", pinned: true, leads: true }), box: BOX },
      { tile: makeTile({ trackId: "spk", leads: true }), box: BOX },
      { tile: makeTile({ trackId: "off", leads: true, live: false }), box: BOX },
    ],
    1,
  );
  vi.advanceTimersByTime(60);
  const [[tracks]] = send.mock.calls as [[{ priority: number }[]]];
  expect(tracks.map(({ priority }) => priority)).toEqual([100, 90, 70, 10]);
});

test("a slightly other size is not worth a message", () => {
  const show = (width: number, fields = {}) => {
    view.show([{ tile: makeTile(fields), box: { ...BOX, width } }], 1);
    vi.advanceTimersByTime(60);
  };
  show(300);
  for (const width of [310, 335, 265]) show(width);
  expect(send).toHaveBeenCalledTimes(1);
  show(340);
  expect(send).toHaveBeenCalledTimes(2);
  show(330, { leads: true });
  expect(send).toHaveBeenCalledTimes(3);
  show(330, { leads: true, trackId: "other" });
  expect(send).toHaveBeenCalledTimes(4);
});

test("a page nobody sees receives nothing after a while, and all at once when seen", () => {
  view.show([{ tile: makeTile(), box: BOX }], 1);
  vi.advanceTimersByTime(60);
  view.seen(false);
  vi.advanceTimersByTime(2_999);
  view.seen(true);
  vi.advanceTimersByTime(10_000);
  expect(send).toHaveBeenCalledTimes(1);
  view.seen(false);
  vi.advanceTimersByTime(3_000);
  expect(send).toHaveBeenLastCalledWith([]);
  view.show([{ tile: makeTile({ trackId: "new" }), box: BOX }], 1);
  vi.advanceTimersByTime(60);
  expect(send).toHaveBeenCalledTimes(2);
  view.seen(true);
  expect(send).toHaveBeenCalledTimes(3);
  expect(send).toHaveBeenLastCalledWith([expect.objectContaining({ track_id: "new" })]);
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
