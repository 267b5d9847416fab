import { expect, test } from "vitest";
import { type Entry, interleave } from "./entries";

const at = (minute: number) => `2026-05-02T19:${minute}:00Z`;
const entry = (minute: number) =>
  ({ message: { id: minute, created_at: at(minute) }, head: false }) as unknown as Entry;
const aside = (minute: number) => ({ key: minute, time: at(minute), content: "" });

test("what is said aside stands where it was said, and whoever speaks after it is named", () => {
  const lines = interleave([entry(20), entry(30), entry(40)], [10, 30, 35, 50].map(aside));
  expect(
    lines.map((line) =>
      "aside" in line ? line.aside.key : [line.entry.message.id, line.entry.head],
    ),
  ).toEqual([10, [20, true], 30, [30, true], 35, [40, true], 50]);
  expect(interleave([entry(20)], [])).toEqual([{ entry: entry(20) }]);
});
