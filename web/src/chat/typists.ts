/** Who types, and telling that one does. */

/** ms for which somebody is shown, and between two times the server is told. */
const SHOWN = 6_000;
const TOLD = 3_000;

export class Typists {
  readonly #changed: (names: readonly string[]) => void;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #told = Number.NEGATIVE_INFINITY;

  constructor(changed: (names: readonly string[]) => void) {
    this.#changed = changed;
  }

  heard(name: string): void {
    const shown = this.#timers.get(name);
    clearTimeout(shown);
    this.#timers.set(
      name,
      setTimeout(() => this.stopped(name), SHOWN),
    );
    if (shown === undefined) this.#show();
  }

  stopped(name: string): void {
    clearTimeout(this.#timers.get(name));
    if (this.#timers.delete(name)) this.#show();
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#show();
  }

  /** Somebody types here. */
  type(say: () => void): void {
    if (Date.now() - this.#told < TOLD) return;
    this.#told = Date.now();
    say();
  }

  /** What was typed is sent: the next key begins anew. */
  silent(): void {
    this.#told = Number.NEGATIVE_INFINITY;
  }

  #show(): void {
    this.#changed([...this.#timers.keys()]);
  }
}
