import { expect, test } from "vitest";
import { loudness } from "./meter";

test.each([
  ["silence", 0, 0],
  ["a whisper below the range", 0.0005, 0],
  ["the loudest of the range", 1, 1],
  ["the middle, −36 dBFS", 10 ** (-36 / 20), 0.5],
])("%s", (_, amplitude, level) => {
  expect(loudness(new Float32Array(512).fill(amplitude))).toBe(level);
});
