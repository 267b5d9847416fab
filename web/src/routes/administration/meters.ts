/** From counters, looked at again and again, to what flows. */
import type { components } from "@/generated/api";

type Running = components["schemas"]["RunningMeeting"];

export interface Flow {
  /** Bits per second, to the server and from it. */
  incoming: number;
  outgoing: number;
  /** Parts of what was sent, 0 to 1. */
  lost: number;
  resent: number;
}

export type Metered = Running & {
  /** Null at the first look. */
  flow: Flow | null;
};

export class Meters {
  #last = new Map<string, Running>();
  #at = 0;

  /** `now` in ms. Counters go back when people leave; what flows is never less than nothing. */
  read(meetings: readonly Running[], now: number): Metered[] {
    const seconds = (now - this.#at) / 1_000;
    const metered = meetings.map((meeting) => {
      const before = this.#last.get(meeting.id);
      return { ...meeting, flow: before && seconds > 0 ? flow(before, meeting, seconds) : null };
    });
    this.#last = new Map(meetings.map((meeting) => [meeting.id, meeting]));
    this.#at = now;
    return metered;
  }
}

function flow(before: Running, now: Running, seconds: number): Flow {
  const since = (name: CounterName) => Math.max(0, now[name] - before[name]);
  const lost = since("packets_lost");
  const forwarded = since("packets_forwarded");
  return {
    incoming: (since("bytes_received") * 8) / seconds,
    outgoing: (since("bytes_forwarded") * 8) / seconds,
    lost: share(lost, lost + since("packets_received")),
    resent: share(since("packets_retransmitted"), forwarded),
  };
}

type CounterName = {
  [Name in keyof Running]: Running[Name] extends number ? Name : never;
}[keyof Running];

function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, part / whole) : 0;
}
