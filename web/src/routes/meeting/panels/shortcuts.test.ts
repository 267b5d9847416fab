// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { commandOf, isTalkKey } from "./shortcuts";

function stroke(
  key: string,
  fields: KeyboardEventInit = {},
  markup = "<main></main>",
): KeyboardEvent {
  document.body.innerHTML = markup;
  const event = new KeyboardEvent("keydown", { key, bubbles: true, ...fields });
  document.body.querySelector(":not(:has(*))")?.dispatchEvent(event);
  return event;
}

test.each([
  ["m", {}, "microphone"],
  ["M", {}, "microphone"],
  ["h", {}, "hand"],
  ["?", { shiftKey: true }, "help"],
  ["Q", { shiftKey: true }, "leave"],
  ["q", {}, null],
  ["x", {}, null],
  ["m", { ctrlKey: true }, null],
  ["m", { metaKey: true }, null],
  ["m", { altKey: true }, null],
  ["m", { repeat: true }, null],
])("%s %o is %s", (key, fields, command) => {
  expect(commandOf(stroke(key, fields))).toBe(command);
});

test.each([
  "<textarea></textarea>",
  "<input>",
  "<p contenteditable>…</p>",
  "<div role=menu><button>Mute</button></div>",
  "<div role=dialog><p>…</p></div>",
])("letters are nothing else in %s", (markup) => {
  expect(commandOf(stroke("m", {}, markup))).toBeNull();
  expect(isTalkKey(stroke(" ", {}, markup))).toBe(false);
});

test("a space presses what has the focus, and lets one speak elsewhere", () => {
  expect(isTalkKey(stroke(" ", {}, "<button>Mute</button>"))).toBe(false);
  expect(commandOf(stroke("m", {}, "<button>Mute</button>"))).toBe("microphone");
  expect(isTalkKey(stroke(" "))).toBe(true);
});
