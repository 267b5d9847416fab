/** What is written and not saved outlives the tab. */

export interface Unsaved {
  title: string;
  content: string;
  /** Of the post it changes; null: of a new one. */
  version: number | null;
}

const key = (place: string) => `tertulia.unsaved.${place}`;

/** `place`: whose it is and of which post. */
export function keepUnsaved(place: string, unsaved: Unsaved): void {
  try {
    localStorage.setItem(key(place), JSON.stringify(unsaved));
  } catch {
    // No room: the text is still in the tab.
  }
}

export function forgetUnsaved(place: string): void {
  localStorage.removeItem(key(place));
}

export function findUnsaved(place: string): Unsaved | null {
  try {
    const found = JSON.parse(localStorage.getItem(key(place)) ?? "null");
    const { title, content, version = null } = found ?? {};
    return typeof title === "string" && typeof content === "string"
      ? { title, content, version: typeof version === "number" ? version : null }
      : null;
  } catch {
    return null;
  }
}

/** As of when the text was begun: what was saved elsewhere since is not overwritten unseen. */
export function keptBase<P extends { version: number }>(
  post: P | null,
  kept: Unsaved | null,
): P | null {
  return post && kept?.version ? { ...post, version: kept.version } : post;
}
