/** Keys of the meeting: single letters, and so never while somebody types or a dialog is open. */

export type Command =
  | "microphone"
  | "camera"
  | "hand"
  | "chat"
  | "people"
  | "layout"
  | "leave"
  | "help";

/** As the overview shows them. */
export const KEYS: Readonly<Record<Command, readonly string[]>> = {
  microphone: ["M"],
  camera: ["V"],
  hand: ["H"],
  chat: ["C"],
  people: ["P"],
  layout: ["L"],
  leave: ["Shift", "Q"],
  help: ["?"],
};

type Stroke = Pick<
  KeyboardEvent,
  "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey" | "repeat" | "defaultPrevented" | "target"
>;

const WRITING = "input, textarea, select, [contenteditable]";
/** Where letters mean something already. */
const TAKEN = `${WRITING}, [role=menu], [role=listbox], [role=dialog], [role=alertdialog]`;
/** What a space presses. */
const PRESSED = `${TAKEN}, button, a, summary, [role=switch]`;

export function commandOf(stroke: Stroke): Command | null {
  if (stroke.repeat || !isFree(stroke, TAKEN)) return null;
  for (const [command, keys] of Object.entries(KEYS) as [Command, readonly string[]][]) {
    const key = keys.at(-1) ?? "";
    const shifted = key === "?" || stroke.shiftKey === keys.includes("Shift");
    if (shifted && stroke.key.toUpperCase() === key) return command;
  }
  return null;
}

/** Held, it lets one speak. */
export function isTalkKey(stroke: Stroke): boolean {
  return stroke.key === " " && !stroke.shiftKey && isFree(stroke, PRESSED);
}

function isFree(stroke: Stroke, taken: string): boolean {
  const { ctrlKey, metaKey, altKey, defaultPrevented, target } = stroke;
  if (ctrlKey || metaKey || altKey || defaultPrevented) return false;
  return !(target instanceof Element && target.closest(taken));
}
