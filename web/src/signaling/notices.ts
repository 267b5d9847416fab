/** Hands what the server tells unasked to whoever listens for it. */
import type { Notice } from "./messages";

export type NoticeOf<T extends Notice["type"]> = Extract<Notice, { type: T }>;
type Listener = (notice: Notice) => void;

export class Notices {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #anew = new Set<() => void>();

  /** Calls `listener` for each notice of that type; returns what ends that. */
  on<T extends Notice["type"]>(type: T, listener: (notice: NoticeOf<T>) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener as Listener));
    return () => listeners.delete(listener as Listener);
  }

  /** Calls `listener` whenever what was told meanwhile may have been missed. */
  onAnew(listener: () => void): () => void {
    this.#anew.add(listener);
    return () => this.#anew.delete(listener);
  }

  tell(notice: Notice): void {
    for (const listener of [...(this.#listeners.get(notice.type) ?? [])]) listener(notice);
  }

  anew(): void {
    for (const listener of [...this.#anew]) listener();
  }
}
