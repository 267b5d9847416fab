// @vitest-environment happy-dom
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { formatNumber, formatTime, useFormat } from "./format";
import { followLanguage, languageChoice, preferred } from "./language";
import { catalogue, textOf, useText } from "./text";

const texts = catalogue({
  en: { hello: "Hello {{name}}", seats_one: "{{count}} seat", seats_other: "{{count}} seats" },
  de: { hello: "Hallo {{name}}", seats_one: "{{count}} Platz", seats_other: "{{count}} Plätze" },
});

afterEach(() => {
  cleanup();
  languageChoice.set("system");
});

test("fills in values, and chooses the plural by the language's rules", () => {
  const t = textOf(texts);
  expect(t("hello", { name: "Ana" })).toBe("Hello Ana");
  expect(t("hello", { name: "{{name}}" })).toBe("Hello {{name}}");
  expect([0, 1, 2, 12_000].map((count) => t("seats", { count }))).toEqual([
    "0 seats",
    "1 seat",
    "2 seats",
    "12,000 seats",
  ]);
  languageChoice.set("de");
  expect(t("seats", { count: 12_000 })).toBe("12.000 Plätze");
});

function Sample() {
  const t = useText(texts);
  const format = useFormat();
  return (
    <p>
      {t("seats", { count: 1 })}, {format.number(1.5)}, {format.list(["a", "b"])}
    </p>
  );
}

test("what is shown changes with the language, without loading the page again", () => {
  followLanguage();
  render(<Sample />);
  expect(screen.getByText("1 seat, 1.5, a and b")).toBeTruthy();
  expect(document.documentElement.lang).toBe("en");
  act(() => languageChoice.set("de"));
  expect(screen.getByText("1 Platz, 1,5, a und b")).toBeTruthy();
  expect(document.documentElement.lang).toBe("de");
  expect(localStorage.getItem("tertulia.language")).toBe("de");
});

test.each([
  [["de-AT", "en"], "de"],
  [["fr", "DE"], "de"],
  [["fr-FR"], "en"],
  [[], "en"],
] as const)("%j wants %s", (tags, known) => {
  expect(preferred(tags)).toBe(known);
});

test("writes times as the language does", () => {
  const noon = new Date(2026, 10, 23, 12, 5);
  expect(formatTime("de", noon, "date")).toBe("23.11.2026");
  expect(formatTime("de", noon, "time")).toBe("12:05");
  const ago = (ms: number) => formatTime("en", noon, "relative", noon.getTime() + ms);
  expect([0, 59_000, 60_000, 7_200_000, 90_000_000].map(ago)).toEqual([
    "now",
    "59 seconds ago",
    "1 minute ago",
    "2 hours ago",
    "yesterday",
  ]);
  expect(formatNumber("de", 0.256, { style: "percent" })).toBe("26\u00a0%");
});
