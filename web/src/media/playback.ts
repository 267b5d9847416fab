import { Observable } from "@/store/observable";

/** Plays audio elements, and knows when the browser does not let it. */
export class Playback {
  /** A click on the page is needed first. */
  readonly blocked = new Observable(false);
  readonly #elements = new Set<HTMLMediaElement>();

  /** Returns what takes the element out again. */
  add(element: HTMLMediaElement): () => void {
    this.#elements.add(element);
    void this.#play(element);
    return () => {
      this.#elements.delete(element);
      element.srcObject = null;
    };
  }

  /** To be called by a click. */
  resume(): void {
    this.blocked.set(false);
    for (const element of this.#elements) void this.#play(element);
  }

  async #play(element: HTMLMediaElement): Promise<void> {
    try {
      await element.play();
    } catch (error) {
      // An element that is taken out while it starts rejects with AbortError.
      if (error instanceof DOMException && error.name === "NotAllowedError") this.blocked.set(true);
    }
  }
}
