/** Messages on their way: one after the other, so that they arrive in the order they were written. */
import { SignalingError } from "@/signaling/errors";

export interface Outgoing {
  /** Sent again with the same key, a message is said once. */
  key: string;
  content: string;
  failed: boolean;
}

/** ms before it is sent again by itself. */
const PAUSES = [1_000, 2_000, 4_000, 8_000];

export class Outbox<Answer> {
  readonly #send: (content: string, key: string) => Promise<Answer>;
  readonly #changed: (messages: readonly Outgoing[]) => void;
  readonly #sent: (answer: Answer) => void;
  #messages: readonly Outgoing[] = [];
  #busy = false;
  #wake: (() => void) | null = null;

  constructor(
    send: (content: string, key: string) => Promise<Answer>,
    changed: (messages: readonly Outgoing[]) => void,
    sent: (answer: Answer) => void,
  ) {
    this.#send = send;
    this.#changed = changed;
    this.#sent = sent;
  }

  add(message: Omit<Outgoing, "failed">): void {
    this.#set([...this.#messages, { ...message, failed: false }]);
    void this.#work();
  }

  retry(key: string): void {
    this.#mark((one) => one.key === key, false);
    void this.#work();
  }

  /** The connection is back. */
  retryAll(): void {
    this.#mark(() => true, false);
    this.#wake?.();
    void this.#work();
  }

  /** Whether it was there. */
  remove(key: string): boolean {
    const there = this.#has(key);
    if (there) this.#set(this.#messages.filter((one) => one.key !== key));
    return there;
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#next(); next; next = this.#next()) await this.#deliver(next);
    this.#busy = false;
  }

  #next(): Outgoing | undefined {
    return this.#messages.find(({ failed }) => !failed);
  }

  async #deliver({ key, content }: Outgoing): Promise<void> {
    for (let attempt = 0; this.#has(key); attempt++) {
      try {
        this.#sent(await this.#send(content, key));
        this.remove(key);
      } catch (error) {
        const pause = PAUSES[attempt];
        if (pause === undefined || !mayWork(error)) {
          return this.#mark((one) => one.key === key, true);
        }
        await this.#sleep(pause);
      }
    }
  }

  #sleep(pause: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pause);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #has(key: string): boolean {
    return this.#messages.some((one) => one.key === key);
  }

  #mark(which: (message: Outgoing) => boolean, failed: boolean): void {
    this.#set(this.#messages.map((one) => (which(one) ? { ...one, failed } : one)));
  }

  #set(messages: readonly Outgoing[]): void {
    this.#messages = messages;
    this.#changed(messages);
  }
}

const LATER: ReadonlySet<string> = new Set(["unavailable", "too_many_requests"]);

/** The same message may be taken later. */
function mayWork(error: unknown): boolean {
  return error instanceof SignalingError && (error.transient || LATER.has(error.code));
}
