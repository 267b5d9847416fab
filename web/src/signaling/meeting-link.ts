/**
 * The way to one meeting. It begins at the page's own server; where that says `elsewhere`, a
 * second socket carries everything about the meeting, and the first one stays.
 */
import { Observable } from "@/store/observable";
import { SignalingError } from "./errors";
import type {
  Elsewhere,
  Joined,
  Replaces,
  RequestBody,
  RequestType,
  Result,
  Waiting,
} from "./messages";
import {
  type ConnectionState,
  SignalingSocket,
  type SocketListener,
  type SocketOptions,
} from "./socket";

export interface LinkOptions extends SocketOptions {
  meetingId: string;
  /** The meeting's, where it asked for one. */
  password?: string;
}

/** In the meeting, or in its lobby. */
export type Place = { joined: Joined } | { waiting: Waiting };

export class MeetingLink {
  /** Of the socket that carries the meeting. */
  readonly state = new Observable<ConnectionState>({ name: "connecting" });
  readonly #options: LinkOptions;
  readonly #listener: SocketListener;
  readonly #home: SignalingSocket;
  #second: SignalingSocket | null = null;

  constructor(options: LinkOptions, listener: SocketListener) {
    this.#options = options;
    this.#listener = listener;
    this.#home = new SignalingSocket(options, {
      online: (resumed) => {
        if (!this.#second) listener.online(resumed);
      },
      notice: (notice) => {
        if (!this.#second) listener.notice(notice);
      },
    });
    this.#home.state.subscribe(this.#followState);
  }

  get socket(): SignalingSocket {
    return this.#second ?? this.#home;
  }

  open(): void {
    this.#home.open();
  }

  request<T extends RequestType>(type: T, body: RequestBody<T>): Promise<Result<T>> {
    return this.socket.request(type, body);
  }

  async join(replaces: Replaces | null): Promise<Place> {
    this.#dropSecond();
    const { meetingId, password } = this.#options;
    const body = {
      meeting_id: meetingId,
      ...(replaces && { replaces }),
      ...(password && { password }),
    };
    const here = await this.#home.request("join", body);
    const place = placeOf(here);
    if (place) return place;
    if (here.elsewhere) await this.#openSecond(here.elsewhere);
    const there = await this.socket.request("join", body);
    const otherPlace = placeOf(there);
    if (otherPlace) return otherPlace;
    throw new SignalingError("unavailable", "No server has this meeting.");
  }

  retryNow(): void {
    this.#home.retryNow();
    this.#second?.retryNow();
  }

  close(): void {
    this.#dropSecond();
    this.#home.close();
  }

  #openSecond({ url, ticket }: Elsewhere): Promise<void> {
    return new Promise((resolve, reject) => {
      let arrived = false;
      const second = new SignalingSocket(
        { ...this.#options, url, token: () => ticket },
        {
          online: (resumed) => {
            if (arrived) this.#listener.online(resumed);
            arrived = true;
            resolve();
          },
          notice: (notice) => this.#listener.notice(notice),
        },
      );
      second.state.subscribe(() => {
        if (second.state.get().name !== "closed" || this.#second !== second) return;
        this.#dropSecond();
        reject(new SignalingError("unavailable", "The meeting's server did not let us in."));
        if (arrived) this.#beginAnew();
      });
      second.state.subscribe(this.#followState);
      this.#second = second;
      second.open();
    });
  }

  /** A ticket is good once: when the other server has forgotten us, the first one gives the next. */
  #beginAnew(): void {
    if (this.#home.state.get().name === "online") this.#listener.online(false);
  }

  #dropSecond(): void {
    const second = this.#second;
    this.#second = null;
    second?.close();
    this.#followState();
  }

  readonly #followState = (): void => this.state.set(this.socket.state.get());
}

function placeOf({ joined, waiting }: Result<"join">): Place | null {
  if (joined) return { joined };
  return waiting ? { waiting } : null;
}
