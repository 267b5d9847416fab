import { expect, test } from "vitest";
import { meetingIdFrom } from "./meeting-id";
import { safeNext } from "./next";

test.each([
  ["Ab3_-xyZ", "Ab3_-xyZ"],
  ["  Ab3_-xyZ\n", "Ab3_-xyZ"],
  ["https://meet.example.com/m/Ab3_-xyZ", "Ab3_-xyZ"],
  ["http://localhost:8080/m/Ab3_-xyZ/?from=mail#top", "Ab3_-xyZ"],
  ["https://meet.example.com/", null],
  ["come to the meeting", null],
  ["", null],
])("%j names the meeting %j", (text, id) => {
  expect(meetingIdFrom(text)).toBe(id);
});

test.each([
  ["/m/abc", "/m/abc"],
  [null, "/"],
  ["https://evil.example", "/"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["javascript:alert(1)", "/"],
])("after signing in %j leads to %j", (next, path) => {
  expect(safeNext(next)).toBe(path);
});
