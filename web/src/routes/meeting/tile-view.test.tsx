// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import type { Quality } from "@/media/connection-watch";
import type { Picture } from "@/media/picture";
import type { MediaSession, Outlook } from "@/media/session";
import { compare, type Figures } from "@/media/statistics";
import type { Tile } from "@/media/tiles";
import { Observable } from "@/store/observable";
import { makeTile } from "@/testing/tiles";
import { TileView } from "./tile-view";

afterEach(cleanup);

const BOX = { x: 10, y: 20, width: 320, height: 180 };

function show(fields: Partial<Tile>, levels: Record<string, number> = {}) {
  const state = new Observable<{ speaker: string | null }>({ speaker: null });
  const quality = new Observable<Quality>({ own: null, weak: new Set() });
  const figures = new Observable<Figures | null>(null);
  const outlook = new Observable<Outlook>({ layout: "grid", pinned: null });
  const session = {
    levels: new Observable(levels),
    watch: { quality, figures },
    local: { state: new Observable({ microphone: { on: false, track: null } }) },
    state,
    outlook,
  } as unknown as MediaSession;
  const view = (tile: Tile) => <TileView tile={tile} box={BOX} session={session} />;
  const { rerender } = render(view(makeTile(fields)));
  return {
    state,
    outlook,
    quality,
    figures,
    again: (next: Partial<Tile>) => rerender(view(makeTile({ ...fields, ...next }))),
  };
}

function fakePicture() {
  const element = document.createElement("video");
  const visible = new Observable(false);
  return { picture: { element, visible } as unknown as Picture, element, visible };
}

function isHidden(video: HTMLElement): boolean {
  return video.closest(".invisible") !== null;
}

test("a video stays hidden behind the avatar until its own first frame", () => {
  const { picture, element, visible } = fakePicture();
  show({ picture, name: "Ana Torres" });
  const tile = screen.getByTestId("tile");
  expect(tile.dataset).toMatchObject({
    participant: "ana",
    source: "camera",
    name: "Ana Torres",
    self: "false",
    state: "avatar",
  });
  expect(tile.contains(element)).toBe(true);
  expect(isHidden(element)).toBe(true);
  expect(screen.getByText("AT")).toBeTruthy();

  act(() => visible.set(true));
  expect(tile.dataset.state).toBe("video");
  expect(isHidden(element)).toBe(false);
  expect(screen.queryByText("AT")).toBeNull();
});

test("a muted camera shows the avatar, whatever was the last frame", () => {
  const { picture, element, visible } = fakePicture();
  visible.set(true);
  const { again } = show({ picture });
  expect(screen.getByTestId("tile").dataset.state).toBe("video");
  again({ live: false });
  expect(screen.getByTestId("tile").dataset.state).toBe("avatar");
  expect(isHidden(element)).toBe(true);
});

test("another picture takes the place of the first", () => {
  const first = fakePicture();
  const second = fakePicture();
  first.visible.set(true);
  const { again } = show({ picture: first.picture });
  again({ picture: second.picture });
  const tile = screen.getByTestId("tile");
  expect(tile.contains(first.element)).toBe(false);
  expect(tile.contains(second.element)).toBe(true);
  expect(tile.dataset.state).toBe("avatar");
});

test.each([
  ["a loud voice", { voice: "mic" }, 30, "true"],
  ["a quiet one", { voice: "mic" }, 80, "false"],
  ["a muted one", { voice: "mic", silent: true }, 30, "false"],
])("%s: the ring", (_, fields, level, expected) => {
  show(fields, { mic: level });
  const ring = screen.getByTestId("tile").querySelector<HTMLElement>("[data-speaking]");
  expect(ring?.dataset.speaking).toBe(expected);
});

test("says who is muted and who is a guest", () => {
  show({ silent: true, guest: true });
  expect(screen.getByLabelText("Muted")).toBeTruthy();
  expect(screen.getByText("guest")).toBeTruthy();
});

test("says when a video cannot be shown", () => {
  show({ unsupported: true });
  expect(screen.getByText("This browser cannot show this video.")).toBeTruthy();
});

test("says when the way is too thin for a video, and shows it again by itself", () => {
  const { picture, element, visible } = fakePicture();
  visible.set(true);
  const { again } = show({ picture, paused: true });
  const notice = "Video paused: slow connection";
  expect(screen.getByText(notice)).toBeTruthy();
  expect(screen.getByTestId("tile").dataset.state).toBe("avatar");
  expect(isHidden(element)).toBe(true);
  again({ paused: false });
  expect(screen.queryByText(notice)).toBeNull();
  expect(screen.getByTestId("tile").dataset.state).toBe("video");
  again({ paused: true, live: false });
  expect(screen.queryByText(notice)).toBeNull();
});

test("marks the one who speaks", () => {
  const { state } = show({ participantId: "ana" });
  expect(screen.queryByLabelText("Speaking")).toBeNull();
  act(() => state.set({ speaker: "ana" }));
  expect(screen.getByLabelText("Speaking")).toBeTruthy();
  act(() => state.set({ speaker: "ben" }));
  expect(screen.queryByLabelText("Speaking")).toBeNull();
});

test("is pinned by a button, and let go by the same", () => {
  const { outlook, again } = show({ key: "ana camera", name: "Ana" });
  const button = screen.getByRole("button", { name: "Pin Ana" });
  expect(button.getAttribute("aria-pressed")).toBe("false");
  fireEvent.click(button);
  expect(outlook.get().pinned).toBe("ana camera");
  again({ pinned: true });
  expect(button.getAttribute("aria-pressed")).toBe("true");
  fireEvent.click(button);
  expect(outlook.get().pinned).toBeNull();
});

test("says whose picture or voice arrives with gaps", () => {
  const { quality } = show({ trackId: "cam", voice: "mic" });
  for (const track of ["cam", "mic"]) {
    act(() => quality.set({ own: "good", weak: new Set([track]) }));
    expect(screen.getByLabelText("Arrives with gaps")).toBeTruthy();
    act(() => quality.set({ own: "good", weak: new Set() }));
    expect(screen.queryByLabelText("Arrives with gaps")).toBeNull();
  }
});

test("on the own tile it says how one's own connection is", () => {
  const { quality } = show({ self: true, trackId: null });
  act(() => quality.set({ own: "poor", weak: new Set() }));
  expect(screen.getByLabelText("Your connection is weak")).toBeTruthy();
  act(() => quality.set({ own: "good", weak: new Set() }));
  expect(screen.queryByLabelText("Your connection is weak")).toBeNull();
});

test("shows what its picture is made of while somebody reads the statistics", () => {
  const { figures } = show({ trackId: "cam" });
  expect(screen.queryByTestId("tile-figures")).toBeNull();
  const flow = (timestamp: number, bytesReceived: number) =>
    new Map([
      [
        "I",
        {
          id: "I",
          type: "inbound-rtp",
          kind: "video",
          trackIdentifier: "r",
          timestamp,
          bytesReceived,
          frameWidth: 640,
          frameHeight: 360,
        },
      ],
    ]);
  act(() => figures.set(compare(flow(0, 0), flow(1_000, 50_000), new Map([["r", "cam"]]))));
  expect(screen.getByTestId("tile-figures").textContent).toBe("640 × 360 · 400 kb/s · –");
});
