import { SignalingError } from "./errors";

interface Waiting {
  resolve(result: unknown): void;
  reject(error: SignalingError): void;
  timer: ReturnType<typeof setTimeout>;
}

/** Requests that wait for their reply, by id. Each ends exactly once. */
export class PendingRequests {
  #lastId = 0;
  readonly #waiting = new Map<number, Waiting>();

  /** A new request that fails after `timeout` ms without a reply. */
  add(timeout: number): { id: number; reply: Promise<unknown> } {
    const id = ++this.#lastId;
    const reply = new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(
        () => this.fail(id, new SignalingError("timeout", "The server did not answer in time.")),
        timeout,
      );
      this.#waiting.set(id, { resolve, reject, timer });
    });
    return { id, reply };
  }

  succeed(id: number, result: unknown): void {
    this.#take(id)?.resolve(result);
  }

  fail(id: number, error: SignalingError): void {
    this.#take(id)?.reject(error);
  }

  failAll(error: SignalingError): void {
    for (const id of [...this.#waiting.keys()]) this.fail(id, error);
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    return waiting;
  }
}
