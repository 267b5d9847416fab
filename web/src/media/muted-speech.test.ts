// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeMedia } from "@/testing/fake-media";
import { LocalMedia } from "./local";
import { MutedSpeech } from "./muted-speech";

let local: LocalMedia;
let speech: MutedSpeech;
let stop: () => void;
/** Of all meters that are open. */
let meters: Set<(level: number) => void>;

beforeEach(async () => {
  vi.useFakeTimers();
  fakeMedia();
  meters = new Set();
  local = new LocalMedia();
  await local.open();
  await local.turn("microphone", false);
  speech = new MutedSpeech(local, (_, onLevel) => {
    meters.add(onLevel);
    return { close: () => meters.delete(onLevel) };
  });
  stop = speech.watch();
  vi.advanceTimersByTime(5_000);
});

afterEach(() => {
  stop();
  local.close();
  localStorage.clear();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function speak(milliseconds: number, level = 0.8): void {
  for (let time = 0; time < milliseconds; time += 80) {
    for (const hear of meters) hear(level);
    vi.advanceTimersByTime(80);
  }
}

test("whoever speaks is told, not whoever types or is quiet", () => {
  speak(10_000, 0.2);
  for (let key = 0; key < 20; key++) {
    speak(160);
    speak(240, 0.1);
  }
  expect(speech.hint.get()).toBe(false);
  speak(800);
  expect(speech.hint.get()).toBe(true);
});

test("whoever is muted may finish the sentence", async () => {
  await local.turn("microphone", true);
  await local.turn("microphone", false);
  speak(4_000);
  expect(speech.hint.get()).toBe(false);
  speak(2_000);
  expect(speech.hint.get()).toBe(true);
});

test("it passes, and is not said again for a while", () => {
  speak(800);
  vi.advanceTimersByTime(6_000);
  expect(speech.hint.get()).toBe(false);
  speak(10_000);
  expect(speech.hint.get()).toBe(false);
  vi.advanceTimersByTime(30_000);
  speak(800);
  expect(speech.hint.get()).toBe(true);
});

test("with the microphone on there is nothing to say, and nobody listens", async () => {
  speak(800);
  await local.turn("microphone", true);
  expect(speech.hint.get()).toBe(false);
  expect(meters.size).toBe(0);
  await local.turn("microphone", false);
  expect(meters.size).toBe(1);
  stop();
  expect(meters.size).toBe(0);
});
