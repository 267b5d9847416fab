import { expect, test } from "vitest";
import { initials } from "./initials";

test.each([
  ["Ana", "A"],
  ["Ana Torres", "AT"],
  ["  ana maría de la torre ", "AT"],
  ["李 小龍", "李小"],
  ["😀 Smile", "😀S"],
  ["", ""],
])("%j is shortened to %j", (name, expected) => {
  expect(initials(name)).toBe(expected);
});
