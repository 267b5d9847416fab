/** Who is there, of the people that are shown anywhere on the page. */
import { Observable } from "@/store/observable";
import type { Live } from "./live";

/** As many as the server watches for one session. */
const MOST = 200;
/** Screens change in many steps; the server is told of the last. ms. */
const PAUSE = 100;

export class Presence {
  readonly online = new Observable<ReadonlySet<number>>(new Set());
  readonly #live: Live;
  /** How often each is shown. */
  readonly #shown = new Map<number, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(live: Live) {
    this.#live = live;
    live.onAnew(() => this.#askSoon());
    live.state.subscribe(() => {
      if (live.state.get() === "off") this.online.set(new Set());
    });
    live.on("presence", ({ user_id, online }) => this.#told(user_id, online));
  }

  /** Until the function that is returned is called. */
  watch(ids: readonly number[]): () => void {
    for (const id of ids) this.#shown.set(id, (this.#shown.get(id) ?? 0) + 1);
    this.#askSoon();
    return () => {
      for (const id of ids) this.#release(id);
      this.#askSoon();
    };
  }

  #release(id: number): void {
    const left = (this.#shown.get(id) ?? 1) - 1;
    if (left > 0) this.#shown.set(id, left);
    else this.#shown.delete(id);
  }

  #told(id: number, there: boolean): void {
    if (this.online.get().has(id) === there) return;
    this.online.update((online) => {
      const next = new Set(online);
      if (there) next.add(id);
      else next.delete(id);
      return next;
    });
  }

  #askSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), PAUSE);
  }

  /** Each request replaces the one before; one that fails is made again on the next connection. */
  async #ask(): Promise<void> {
    if (this.#live.state.get() !== "online") return;
    const user_ids = [...this.#shown.keys()].slice(-MOST);
    try {
      const { online } = await this.#live.request("watch_presence", { user_ids });
      this.online.set(new Set(online));
    } catch {
      if (this.#live.state.get() === "online") this.#askSoon();
    }
  }
}
