// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeReceiver, showFrame, tellNothingOfFrames, tellOfFrames } from "@/testing/fake-video";
import { Picture } from "./picture";

beforeEach(() => {
  tellOfFrames();
});

afterEach(() => {
  tellNothingOfFrames();
});

function picture(timestamp: number | null): Picture {
  return new Picture(new FakeReceiver().asReceiver, timestamp);
}

test("is hidden until its own first frame", () => {
  const ana = picture(1_000);
  expect(ana.visible.get()).toBe(false);
  showFrame(ana.element, 999);
  expect(ana.visible.get()).toBe(false);
  showFrame(ana.element, 1_000);
  expect(ana.visible.get()).toBe(true);
});

test("held before it began, it still waits for its own frames", () => {
  const ana = picture(1_000);
  ana.hold();
  showFrame(ana.element, 999);
  expect(ana.visible.get()).toBe(false);
  showFrame(ana.element, 1_000);
  expect(ana.visible.get()).toBe(true);
});

test("held after it began, it waits for a new frame, however much later", () => {
  const ana = picture(1_000);
  showFrame(ana.element, 1_000);
  ana.hold();
  expect(ana.visible.get()).toBe(false);
  showFrame(ana.element, 1_000 + 2 ** 31);
  expect(ana.visible.get()).toBe(true);
});

test("closed, it is off the page and shows nothing any more", () => {
  const ana = picture(1_000);
  document.body.append(ana.element);
  showFrame(ana.element, 1_000);
  ana.close();
  expect(ana.visible.get()).toBe(false);
  expect(ana.element.isConnected).toBe(false);
  expect(ana.element.srcObject).toBeNull();
  showFrame(ana.element, 2_000);
  expect(ana.visible.get()).toBe(false);
});
