/**
 * What goes on in the meeting, for those who do not see it: gathered for a moment, so that ten who
 * come at once are one sentence.
 */
import type { SessionState } from "@/media/session";
import type { Notices } from "@/signaling/notices";
import type { Watchable } from "@/store/observable";
import type { Heard } from "./meeting-chat";

/** Names. */
export interface Happened {
  joined: string[];
  left: string[];
  /** Raised their hands. */
  raised: string[];
  /** Wrote while the chat was closed; who has it open hears what. */
  wrote: string[];
  /** Want to come in. */
  waits: string[];
}

interface Port {
  state: Watchable<Pick<SessionState, "roster" | "lobby">>;
  events: Notices;
  /** What others say while the chat is closed. */
  heard: Watchable<Heard | null>;
}

/** ms from the first to when it is told. */
const GATHERED = 1_200;

export class Happenings {
  readonly #port: Port;
  readonly #tell: (happened: Happened) => void;
  #happened = nothing();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(port: Port, tell: (happened: Happened) => void) {
    this.#port = port;
    this.#tell = tell;
  }

  /** Until the function that is returned is called. */
  listen(): () => void {
    const { events, state, heard } = this.#port;
    const stops = [
      events.on("participant_joined", ({ participant }) => this.#add("joined", participant.name)),
      events.on("participant_left", ({ participant_id }) =>
        this.#add("left", this.#name(participant_id)),
      ),
      events.on("hand", ({ participant_id, hand }) => {
        if (hand !== null) this.#add("raised", this.#name(participant_id));
      }),
      heard.subscribe(() => this.#add("wrote", heard.get()?.name)),
      events.on("lobby", ({ people }) => {
        const known = new Set(state.get().lobby.map(({ id }) => id));
        for (const { id, name } of people) if (!known.has(id)) this.#add("waits", name);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#happened = nothing();
    };
  }

  /** Of another: nobody is told of himself. */
  #name(participantId: string): string | undefined {
    return this.#port.state.get().roster.get(participantId)?.name;
  }

  #add(what: keyof Happened, name: string | undefined): void {
    if (name === undefined) return;
    this.#happened[what].push(name);
    this.#timer ??= setTimeout(() => this.#report(), GATHERED);
  }

  /** Whoever left and came, as by a reload, did neither. */
  #report(): void {
    const { joined, left, ...others } = this.#happened;
    const happened = { joined: without(joined, left), left: without(left, joined), ...others };
    this.#timer = undefined;
    this.#happened = nothing();
    if (Object.values(happened).some(({ length }) => length > 0)) this.#tell(happened);
  }
}

function nothing(): Happened {
  return { joined: [], left: [], raised: [], wrote: [], waits: [] };
}

function without(names: readonly string[], others: readonly string[]): string[] {
  const rest = [...others];
  return names.filter((name) => {
    const place = rest.indexOf(name);
    if (place >= 0) rest.splice(place, 1);
    return place < 0;
  });
}
