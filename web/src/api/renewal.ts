/**
 * Keeps somebody signed in: gets another token when half of the time of the present one is over.
 * The session behind it stays the same, and so do its connections.
 */
import { claimsOf } from "./claims";

export interface RenewalPort {
  /** The present token. */
  token(): string | null;
  renew(token: string): Promise<string>;
  keep(token: string): void;
}

/** ms. */
const MIN_PAUSE = 5_000;
/** Longer than this, timers do not run. */
const MAX_PAUSE = 2 ** 31 - 1;

export class Renewal {
  readonly #port: RenewalPort;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(port: RenewalPort) {
    this.#port = port;
  }

  /** Also with another token. */
  start(): void {
    this.stop();
    const token = this.#port.token();
    const expiry = token && expiryOf(token);
    if (!expiry || expiry <= Date.now()) return;
    const pause = Math.max(MIN_PAUSE, (expiry - Date.now()) / 2);
    this.#timer = setTimeout(() => void this.#renew(token), Math.min(pause, MAX_PAUSE));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** What fails is tried again when half of the rest is over. */
  async #renew(token: string): Promise<void> {
    const next = await this.#port.renew(token).catch(() => null);
    if (this.#port.token() !== token) return;
    if (next) this.#port.keep(next);
    this.start();
  }
}

/** Ms since 1970; null for what is no token of ours. */
export function expiryOf(token: string): number | null {
  const exp = claimsOf(token)?.exp;
  return typeof exp === "number" ? exp * 1_000 : null;
}
