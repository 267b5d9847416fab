import { Observable } from "@/store/observable";

/** Somebody else leads only after so long, ms: for a short "yes" no tile shall move. */
const SETTLE = 1_000;

/** Who leads the conversation, without the short interruptions. */
export class Conversation {
  /** Participant ids of all who have led it, latest first. */
  readonly leaders = new Observable<readonly string[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The server's word, as of now. */
  speaker(participantId: string | null): void {
    clearTimeout(this.#timer);
    const [latest] = this.leaders.get();
    if (participantId === null || participantId === latest) return;
    if (latest === undefined) this.#lead(participantId);
    else this.#timer = setTimeout(() => this.#lead(participantId), SETTLE);
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.leaders.set([]);
  }

  #lead(participantId: string): void {
    this.leaders.update((before) => [
      participantId,
      ...before.filter((other) => other !== participantId),
    ]);
  }
}
