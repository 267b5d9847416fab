// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { followTheme, theme } from "./theme";

const KEY = "tertulia.theme";

function bars(): string[] {
  return [...document.querySelectorAll("meta")].map((meta) => meta.media);
}

test("the page and the bar of the browser take the chosen colours", () => {
  document.head.innerHTML = '<meta data-scheme="light"><meta data-scheme="dark">';
  followTheme();
  expect(document.documentElement.dataset.theme).toBe("system");
  expect(bars()).toEqual(["(prefers-color-scheme: light)", "(prefers-color-scheme: dark)"]);
  theme.set("dark");
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(bars()).toEqual(["not all", "all"]);
  expect(localStorage.getItem(KEY)).toBe("dark");
});

test("a choice in another tab is one in this tab, and what is no choice is none", () => {
  const elsewhere = (newValue: string) =>
    window.dispatchEvent(new StorageEvent("storage", { key: KEY, newValue }));
  elsewhere("light");
  expect(theme.get()).toBe("light");
  elsewhere("pink");
  expect(theme.get()).toBe("system");
});
