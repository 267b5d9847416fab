/**
 * One WebSocket to `/ws`, kept alive: it authenticates, numbers, pings, and comes back by itself
 * when the connection is lost, taking its session up again where the server still has it.
 *
 * Life cycle: `open` → connecting → online ⇄ reconnecting → closed. Closed is final; it is reached
 * by `close()` or when the server says that coming back is pointless.
 */
import { Observable } from "@/store/observable";
import { backoff } from "./backoff";
import { SignalingError } from "./errors";
import type {
  AuthenticateResult,
  ClosingReason,
  Failure,
  Notice,
  RequestBody,
  RequestType,
  Result,
  ServerMessage,
} from "./messages";
import { PendingRequests } from "./pending";

export type ConnectionState =
  | { name: "connecting" | "online" | "reconnecting" }
  | { name: "closed"; reason: ClosingReason | null };

export interface SocketListener {
  /** Authenticated; `resumed` false: everything known from before is void. */
  online(resumed: boolean): void;
  notice(notice: Notice): void;
}

export interface SocketOptions {
  url: string;
  /** The present one: it may be renewed between two connections. */
  token: () => string;
  createSocket?: (url: string) => WebSocket;
  random?: () => number;
}

/** Times in ms. */
const CONNECT_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 10_000;
const PING_TIMEOUT = 5_000;
/** Extra pause where the server asked for air. */
const POLITENESS: Partial<Record<ClosingReason, number>> = {
  server_stopping: 500,
  too_slow: 1_000,
  too_many_requests: 5_000,
};
const FINAL: ReadonlySet<ClosingReason> = new Set(["bad_token", "replaced", "session_ended"]);

export class SignalingSocket {
  readonly state = new Observable<ConnectionState>({ name: "connecting" });
  readonly #options: Required<SocketOptions>;
  readonly #listener: SocketListener;
  readonly #pending = new PendingRequests();
  #socket: WebSocket | null = null;
  #welcome: AuthenticateResult | null = null;
  #lastEvent = 0;
  #attempt = 0;
  #politeness = 0;
  #heartbeatTimer: ReturnType<typeof setTimeout> | undefined;
  /** Until the connection is open, or until the next attempt. */
  #connectTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SocketOptions, listener: SocketListener) {
    this.#options = {
      createSocket: (url) => new WebSocket(url),
      random: Math.random,
      ...options,
    };
    this.#listener = listener;
  }

  /** What the latest authentication gave. */
  get welcome(): AuthenticateResult | null {
    return this.#welcome;
  }

  open(): void {
    const socket = this.#options.createSocket(this.#options.url);
    this.#socket = socket;
    this.#connectTimer = setTimeout(() => this.#lost(), CONNECT_TIMEOUT);
    socket.onopen = () => void this.#authenticate();
    socket.onmessage = (event) => this.#receive(JSON.parse(event.data) as ServerMessage);
    socket.onclose = () => this.#lost();
  }

  /** Fails with `connection_lost` when there is no connection: nothing is queued. */
  async request<T extends RequestType>(
    type: T,
    body: RequestBody<T>,
    timeout = REQUEST_TIMEOUT,
  ): Promise<Result<T>> {
    if (this.state.get().name !== "online") throw connectionLost();
    return this.#send(type, body, timeout);
  }

  /** For when the network just came back: do not wait out the pause. */
  retryNow(): void {
    if (this.state.get().name !== "reconnecting" || this.#socket) return;
    clearTimeout(this.#connectTimer);
    this.open();
  }

  close(): void {
    this.#finish(null);
  }

  async #authenticate(): Promise<void> {
    const resume = this.#welcome && {
      session_id: this.#welcome.session_id,
      secret: this.#welcome.secret,
      last_event: this.#lastEvent,
    };
    const body = { token: this.#options.token(), ...(resume && { resume }) };
    try {
      this.#authenticated(await this.#send("authenticate", body, REQUEST_TIMEOUT));
    } catch (error) {
      if (error instanceof SignalingError && error.code === "bad_token") this.#finish("bad_token");
      else if (!(error instanceof SignalingError && error.code === "connection_lost")) this.#lost();
    }
  }

  #authenticated(result: AuthenticateResult): void {
    clearTimeout(this.#connectTimer);
    this.#welcome = result;
    if (!result.resumed) this.#lastEvent = 0;
    this.#attempt = 0;
    this.#politeness = 0;
    this.#awaitSilence();
    this.state.set({ name: "online" });
    this.#listener.online(result.resumed);
  }

  async #send<T extends RequestType>(
    type: T,
    body: RequestBody<T>,
    timeout: number,
  ): Promise<Result<T>> {
    const { id, reply } = this.#pending.add(timeout);
    this.#socket?.send(JSON.stringify({ id, type, ...body }));
    this.#awaitSilence();
    return (await reply) as Result<T>;
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case "reply":
        this.#pending.succeed(message.id, message.result);
        break;
      case "error":
        this.#refused(message);
        break;
      case "closing":
        this.#closing(message.reason);
        break;
      default:
        if ("event" in message && !this.#isNew(message.event)) return;
        this.#listener.notice(message);
    }
  }

  #refused({ id, error }: Failure): void {
    if (id !== null) this.#pending.fail(id, new SignalingError(error.code, error.message));
  }

  /** A replayed event may have been seen before. */
  #isNew(event: number): boolean {
    if (event <= this.#lastEvent) return false;
    this.#lastEvent = event;
    return true;
  }

  #closing(reason: ClosingReason): void {
    if (FINAL.has(reason)) this.#finish(reason);
    else this.#politeness = POLITENESS[reason] ?? 0;
  }

  #awaitSilence(): void {
    clearTimeout(this.#heartbeatTimer);
    const silence = this.#welcome && this.#welcome.heartbeat * 1000;
    if (silence) this.#heartbeatTimer = setTimeout(() => void this.#ping(), silence);
  }

  async #ping(): Promise<void> {
    try {
      await this.request("ping", {}, PING_TIMEOUT);
    } catch (error) {
      if (error instanceof SignalingError && error.code === "timeout") this.#lost();
    }
  }

  #lost(): void {
    this.#drop();
    this.state.set({ name: this.#welcome ? "reconnecting" : "connecting" });
    const pause = this.#politeness + backoff(this.#attempt++, this.#options.random());
    this.#connectTimer = setTimeout(() => this.open(), pause);
  }

  #finish(reason: ClosingReason | null): void {
    this.#drop();
    this.state.set({ name: "closed", reason });
  }

  #drop(): void {
    clearTimeout(this.#connectTimer);
    clearTimeout(this.#heartbeatTimer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    this.#pending.failAll(connectionLost());
  }
}

function connectionLost(): SignalingError {
  return new SignalingError("connection_lost", "There is no connection to the server.");
}
