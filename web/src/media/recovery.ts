/**
 * What to do when the way of the media breaks: first an ICE restart, which keeps everything, and
 * if that does not help, a whole new peer connection.
 */

/** A short gap heals by itself, ms. */
const PATIENCE = 1_500;
/** How long an ICE restart may take, and how long a new connection, ms. */
const RESTART_TIMEOUT = 6_000;
const CONNECT_TIMEOUT = 12_000;

export interface Remedies {
  isConnected(): boolean;
  restartIce(): void;
  replacePeer(): void;
}

export class Recovery {
  readonly #remedies: Remedies;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(remedies: Remedies) {
    this.#remedies = remedies;
  }

  /** A new peer connection begins. */
  begin(): void {
    this.#replaceUnlessConnectedIn(CONNECT_TIMEOUT);
  }

  state(state: RTCPeerConnectionState): void {
    if (state === "connected") this.stop();
    else if (state === "disconnected") this.#after(PATIENCE, () => this.restart());
    else if (state === "failed") this.restart();
  }

  /** Also when the machine changed its network, whatever the state still says. */
  restart(): void {
    this.#replaceUnlessConnectedIn(RESTART_TIMEOUT);
    this.#remedies.restartIce();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #replaceUnlessConnectedIn(delay: number): void {
    this.#after(delay, () => {
      if (!this.#remedies.isConnected()) this.#remedies.replacePeer();
    });
  }

  #after(delay: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, delay);
  }
}
