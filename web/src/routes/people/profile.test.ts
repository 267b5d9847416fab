import { expect, test } from "vitest";
import { beginning, changesOf, moved } from "./draft";
import { middle } from "./picture";

const ANA = { name: "Ana", age: null, version: 3 };

test("an age left empty is none", () => {
  expect(changesOf(beginning(ANA))).toEqual({ name: "Ana", age: null });
  expect(changesOf({ ...beginning(ANA), age: "0" })).toEqual({ name: "Ana", age: 0 });
});

test("a new picture is no conflict, another name is one", () => {
  expect(moved(ANA, { ...ANA, version: 4 }).version).toBe(4);
  expect(moved(ANA, { ...ANA, name: "Anna", version: 4 }).version).toBe(3);
});

test("the middle of a picture is taken, upright or not", () => {
  expect(middle(400, 300)).toEqual({ left: 50, top: 0, side: 300 });
  expect(middle(300, 401)).toEqual({ left: 0, top: 50.5, side: 300 });
});
