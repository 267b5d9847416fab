// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeMedia } from "@/testing/fake-media";
import { LocalMedia } from "./local";
import { PushToTalk } from "./push-to-talk";

let local: LocalMedia;
let talk: PushToTalk;
const isOn = () => local.state.get().microphone.on;

beforeEach(async () => {
  fakeMedia();
  local = new LocalMedia();
  await local.open();
  talk = new PushToTalk(local);
});
afterEach(() => {
  local.close();
  localStorage.clear();
  vi.unstubAllGlobals();
});

test("held, the key lets one speak, and not longer", async () => {
  await local.turn("microphone", false);
  talk.press();
  talk.press();
  expect(isOn()).toBe(true);
  talk.release();
  expect(isOn()).toBe(false);
  talk.release();
  expect(isOn()).toBe(false);
});

test("who speaks already is not cut off", () => {
  talk.press();
  talk.release();
  expect(isOn()).toBe(true);
});
