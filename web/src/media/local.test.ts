// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type FakeDevices, FakeStream, FakeTrack, fakeMedia } from "@/testing/fake-media";
import { settle } from "@/testing/fake-socket";
import { LocalMedia } from "./local";

let devices: FakeDevices;
let local: LocalMedia;

beforeEach(() => {
  devices = fakeMedia();
  local = new LocalMedia();
});

afterEach(() => {
  local.close();
  localStorage.clear();
  vi.unstubAllGlobals();
});

function exception(name: string): DOMException {
  return new DOMException("", name);
}

test("asks for camera and microphone with one question", async () => {
  await local.open();
  expect(devices.getUserMedia).toHaveBeenCalledTimes(1);
  const { camera, microphone } = local.state.get();
  expect(camera).toMatchObject({ on: true, problem: null, track: { kind: "video" } });
  expect(microphone).toMatchObject({ on: true, problem: null, track: { kind: "audio" } });
});

test.each([
  ["NotFoundError", "missing"],
  ["NotReadableError", "busy"],
  ["TypeError", "failed"],
] as const)("has the microphone where the camera gives %s", async (name, problem) => {
  devices.getUserMedia.mockImplementation(async (wanted: MediaStreamConstraints) => {
    if (wanted.video) throw exception(name);
    return new FakeStream([new FakeTrack("audio")]);
  });
  await local.open();
  const { camera, microphone } = local.state.get();
  expect(camera).toEqual({ on: false, track: null, problem });
  expect(microphone).toMatchObject({ on: true, problem: null });
});

test("does not ask again after a no", async () => {
  devices.getUserMedia.mockRejectedValue(exception("NotAllowedError"));
  await local.open();
  expect(devices.getUserMedia).toHaveBeenCalledTimes(1);
  expect(local.state.get().camera).toEqual({ on: false, track: null, problem: "denied" });
  expect(local.state.get().microphone).toEqual({ on: false, track: null, problem: "denied" });
});

test("says so where the page is not encrypted", async () => {
  vi.stubGlobal("isSecureContext", false);
  await local.open();
  expect(devices.getUserMedia).not.toHaveBeenCalled();
  expect(local.state.get().camera.problem).toBe("insecure");
});

test("a camera turned off is let go, and captured anew", async () => {
  await local.open();
  const first = local.state.get().camera.track;
  await local.turn("camera", false);
  expect(first?.readyState).toBe("ended");
  expect(local.state.get().camera).toMatchObject({ on: false, track: null });
  await local.turn("camera", true);
  expect(local.state.get().camera.track?.readyState).toBe("live");
});

test("a microphone turned off stays at hand", async () => {
  await local.open();
  const first = local.state.get().microphone.track;
  await local.turn("microphone", false);
  await local.turn("microphone", true);
  expect(local.state.get().microphone.track).toBe(first);
  expect(first?.readyState).toBe("live");
});

test("a camera turned off while it starts does not stay on", async () => {
  await local.open();
  await local.turn("camera", false);
  const starting = local.turn("camera", true);
  await local.turn("camera", false);
  await starting;
  expect(local.state.get().camera).toMatchObject({ on: false, track: null });
});

test("remembers what was off, also on the next visit", async () => {
  await local.open();
  await local.turn("camera", false);
  const next = new LocalMedia();
  await next.open();
  expect(next.state.get().camera).toMatchObject({ on: false, track: null, problem: null });
  next.close();
});

test("takes another device when one is pulled out", async () => {
  await local.open();
  const first = local.state.get().microphone.track as unknown as FakeTrack;
  first.end();
  await settle();
  const { track } = local.state.get().microphone;
  expect(track).not.toBe(first);
  expect(track?.readyState).toBe("live");
});

test("changes to the chosen device", async () => {
  await local.open();
  const first = local.state.get().camera.track;
  await local.choose("camera", "second camera");
  expect(first?.readyState).toBe("ended");
  const wanted = devices.getUserMedia.mock.lastCall?.[0] as MediaStreamConstraints;
  expect(wanted.video).toMatchObject({ deviceId: { ideal: "second camera" } });
  expect(local.state.get().chosen.camera).toBe("second camera");
});

test("shows a screen until the browser's own bar ends it", async () => {
  await local.open();
  await local.shareScreen();
  const { screen } = local.state.get();
  if (!screen) throw new Error("no screen");
  expect(screen).toMatchObject({ video: { kind: "video" }, audio: { kind: "audio" } });
  (screen.video as unknown as FakeTrack).end();
  expect(local.state.get().screen).toBeNull();
  expect(screen.audio?.readyState).toBe("ended");
});

test("closed, nothing is captured any more, not even what comes late", async () => {
  const opening = local.open();
  local.close();
  await opening;
  const { camera, microphone } = local.state.get();
  expect(camera.track).toBeNull();
  expect(microphone.track).toBeNull();
});
