/** Reactions float for some seconds; of too many, the oldest go. */
import type { NoticeOf } from "@/signaling/notices";
import { Observable } from "@/store/observable";

export type Emoji = NoticeOf<"reaction">["emoji"];

export const EMOJIS: readonly Emoji[] = ["👍", "👏", "❤️", "😂", "😮", "🎉", "🤔", "👎"];

export interface Floating {
  key: number;
  emoji: Emoji;
  participantId: string;
}

/** ms; as long as `animate-float` lasts. */
const SHOWN = 4_000;
const MOST = 24;

export class Reactions {
  readonly floating = new Observable<readonly Floating[]>([]);
  #count = 0;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  show(participantId: string, emoji: Emoji): void {
    this.#count += 1;
    const one = { key: this.#count, emoji, participantId };
    this.floating.update((floating) => [...floating, one].slice(-MOST));
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.floating.update((floating) => floating.filter(({ key }) => key !== one.key));
    }, SHOWN);
    this.#timers.add(timer);
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.floating.set([]);
  }
}
