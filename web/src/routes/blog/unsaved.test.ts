// @vitest-environment happy-dom
import { beforeEach, expect, it } from "vitest";
import { findUnsaved, forgetUnsaved, keepUnsaved, keptBase } from "./unsaved";

beforeEach(() => localStorage.clear());

it("keeps what was written, by person and post", () => {
  const text = { title: "On tea", content: "*hot*", version: 3 };
  keepUnsaved("1.7", text);
  expect(findUnsaved("1.7")).toEqual(text);
  expect(findUnsaved("2.7")).toBeNull();
  forgetUnsaved("1.7");
  expect(findUnsaved("1.7")).toBeNull();
});

it("takes nothing else for a text", () => {
  for (const kept of ["", "null", "[]", "{}", '{"title":1,"content":""}', "{"]) {
    localStorage.setItem("tertulia.unsaved.1.new", kept);
    expect(findUnsaved("1.new")).toBeNull();
  }
  localStorage.setItem("tertulia.unsaved.1.new", '{"title":"","content":"a","version":"b"}');
  expect(findUnsaved("1.new")).toEqual({ title: "", content: "a", version: null });
});

it("goes on from the version that was changed, so that a later one is a conflict", () => {
  const kept = { title: "On tea", content: "", version: 3 };
  expect(keptBase({ version: 5 }, kept)).toEqual({ version: 3 });
  expect(keptBase({ version: 5 }, null)).toEqual({ version: 5 });
  expect(keptBase(null, { ...kept, version: null })).toBeNull();
});
