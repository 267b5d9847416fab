/**
 * What happens while one is not in a meeting: messages, read marks, typing, who is there. One
 * WebSocket for all of the page, open while somebody is signed in and something holds it.
 */

import { SignalingError } from "@/signaling/errors";
import type { Notice, RequestBody, RequestType, Result } from "@/signaling/messages";
import { type NoticeOf, Notices } from "@/signaling/notices";
import { SignalingSocket, type SocketOptions } from "@/signaling/socket";
import { Observable, type Watchable } from "@/store/observable";

export type LiveState = "off" | "connecting" | "online" | "reconnecting";

export interface LivePort extends Omit<SocketOptions, "token"> {
  token: Watchable<string | null>;
  /** Whose token it is; a renewed one is of the same. */
  accountOf: (token: string | null) => string | null;
  /** The login behind the token has ended. */
  onEnded: () => void;
}

export class Live {
  readonly state = new Observable<LiveState>("off");
  readonly #port: LivePort;
  readonly #notices = new Notices();
  #holders = 0;
  #socket: SignalingSocket | null = null;
  /** Whose the socket is. */
  #account: string | null = null;

  constructor(port: LivePort) {
    this.#port = port;
    port.token.subscribe(() => this.#follow());
  }

  /** Keeps the connection until the function that is returned is called. */
  hold(): () => void {
    this.#holders += 1;
    this.#follow();
    let held = true;
    return () => {
      if (held) this.#holders -= 1;
      held = false;
      this.#follow();
    };
  }

  /** Calls `listener` for each notice of that type; returns what ends that. */
  on<T extends Notice["type"]>(type: T, listener: (notice: NoticeOf<T>) => void): () => void {
    return this.#notices.on(type, listener);
  }

  /**
   * Calls `listener` on each connection that begins anew: what was told meanwhile is missed, so ask
   * for what has changed, and once more for whatever the server forgets with a session.
   */
  onAnew(listener: () => void): () => void {
    return this.#notices.onAnew(listener);
  }

  /** Fails with `connection_lost` when there is no connection: nothing is queued. */
  request<T extends RequestType>(type: T, body: RequestBody<T>): Promise<Result<T>> {
    if (this.#socket) return this.#socket.request(type, body);
    return Promise.reject(new SignalingError("connection_lost", "There is no connection."));
  }

  /** The network is back: do not wait out the pause. */
  retryNow(): void {
    this.#socket?.retryNow();
  }

  #follow(): void {
    const account = this.#port.accountOf(this.#port.token.get());
    const wanted = this.#holders > 0 ? account : null;
    if (wanted === this.#account) return;
    this.#account = wanted;
    this.#socket?.close();
    this.#socket = wanted === null ? null : this.#open();
    if (!this.#socket) this.state.set("off");
  }

  #open(): SignalingSocket {
    const { token, accountOf: _, onEnded, ...options } = this.#port;
    const socket = new SignalingSocket(
      { ...options, token: () => token.get() ?? "" },
      {
        online: (resumed) => {
          if (!resumed) this.#notices.anew();
        },
        notice: (notice) => this.#notices.tell(notice),
      },
    );
    const show = () => {
      if (this.#socket !== socket) return;
      const state = socket.state.get();
      this.state.set(state.name === "closed" ? "off" : state.name);
      const reason = state.name === "closed" && state.reason;
      if (reason === "bad_token" || reason === "session_ended") onEnded();
    };
    socket.state.subscribe(show);
    this.state.set("connecting");
    socket.open();
    return socket;
  }
}
