import { beforeEach, expect, test } from "vitest";
import { settle } from "@/testing/fake-socket";
import { Playback } from "./playback";

let allowed: boolean;
let playback: Playback;

class FakeAudio {
  playing = false;
  srcObject: unknown = {};
  failure = "NotAllowedError";

  async play(): Promise<void> {
    if (!allowed) throw new DOMException("", this.failure);
    this.playing = true;
  }

  get element(): HTMLMediaElement {
    return this as unknown as HTMLMediaElement;
  }
}

beforeEach(() => {
  allowed = true;
  playback = new Playback();
});

test("plays what is added", async () => {
  const audio = new FakeAudio();
  playback.add(audio.element);
  await settle();
  expect(audio.playing).toBe(true);
  expect(playback.blocked.get()).toBe(false);
});

test("where the browser wants a click first, says so, and then plays all", async () => {
  allowed = false;
  const both = [new FakeAudio(), new FakeAudio()];
  for (const audio of both) playback.add(audio.element);
  await settle();
  expect(playback.blocked.get()).toBe(true);
  allowed = true;
  playback.resume();
  await settle();
  expect(both.map((audio) => audio.playing)).toEqual([true, true]);
  expect(playback.blocked.get()).toBe(false);
});

test("an element taken out while it starts is no reason for a click", async () => {
  allowed = false;
  const audio = new FakeAudio();
  audio.failure = "AbortError";
  playback.add(audio.element)();
  await settle();
  expect(playback.blocked.get()).toBe(false);
  expect(audio.srcObject).toBeNull();
});
