/**
 * What the receiving slots carry, as pictures and sounds. The rule above all others here: never
 * one person's picture under another's name. So a slot that changes hands loses its picture
 * synchronously, before the server is told that it may send the next person's.
 */
import type { Slot, SlotLine, Slots } from "@/signaling/messages";
import { Observable, type Watchable } from "@/store/observable";
import { Picture } from "./picture";

/** The sound in one audio slot. */
export interface Sound {
  slot: number;
  trackId: string;
  track: MediaStreamTrack;
}

export interface SlotsView {
  /** By track id. */
  pictures: ReadonlyMap<string, Picture>;
  sounds: readonly Sound[];
  /** Tracks the server cannot send us in a codec we know. */
  unsupported: ReadonlySet<string>;
  /** Tracks whose picture waits until the way to us carries it again. */
  paused: ReadonlySet<string>;
}

const NOTHING: SlotsView = {
  pictures: new Map(),
  sounds: [],
  unsupported: new Set(),
  paused: new Set(),
};

interface Occupant {
  trackId: string;
  picture: Picture;
}

type CreatePicture = (receiver: RTCRtpReceiver, timestamp: number | null) => Picture;

export class SlotBoard {
  readonly #view = new Observable<SlotsView>(NOTHING);
  readonly #createPicture: CreatePicture;
  #receivers = new Map<string, RTCRtpReceiver>();
  readonly #occupants = new Map<number, Occupant>();
  /** Video slots that have carried somebody, so that a late frame of theirs may still come. */
  readonly #used = new Set<number>();
  /** The server's word, kept for when the receivers are known. */
  #slots: readonly Slot[] = [];

  constructor(createPicture: CreatePicture = (...given) => new Picture(...given)) {
    this.#createPicture = createPicture;
  }

  get view(): Watchable<SlotsView> {
    return this.#view;
  }

  /** The answer is in: `receiverOf` finds a receiver by its m-line. */
  attach(lines: readonly SlotLine[], receiverOf: (mid: string) => RTCRtpReceiver | null): void {
    for (const line of lines) {
      const receiver = receiverOf(line.mid);
      if (receiver) this.#receivers.set(key(line), receiver);
    }
    this.#show();
  }

  apply(state: Slots): void {
    this.#slots = state.slots;
    this.#show();
  }

  /** The peer connection is gone, and with it every receiver. */
  reset(): void {
    this.#receivers = new Map();
    this.#used.clear();
    this.#slots = [];
    this.#show();
  }

  /** Which track a receiver carries now, by the id of the receiver's own: statistics name that. */
  carried(): ReadonlyMap<string, string> {
    return new Map(
      this.#slots.flatMap((slot) => {
        const receiver = this.#receivers.get(key(slot));
        return receiver && slot.track_id ? [[receiver.track.id, slot.track_id]] : [];
      }),
    );
  }

  /** What is shown of a track is out of date; wait for a newer frame. */
  hold(trackId: string): void {
    this.#view.get().pictures.get(trackId)?.hold();
  }

  #show(): void {
    const video = new Map(
      this.#slots.filter((slot) => slot.kind === "video").map((slot) => [slot.slot, slot]),
    );
    for (const [slot, occupant] of this.#occupants) {
      if (video.get(slot)?.track_id !== occupant.trackId) this.#vacate(slot, occupant);
    }
    for (const slot of video.values()) this.#occupy(slot);
    const paused = this.#withProblem("bandwidth");
    for (const trackId of this.#view.get().paused) if (!paused.has(trackId)) this.hold(trackId);
    this.#view.set({
      pictures: new Map([...this.#occupants.values()].map((o) => [o.trackId, o.picture])),
      sounds: this.#sounds(),
      unsupported: this.#withProblem("unsupported_codec"),
      paused,
    });
  }

  #withProblem(problem: Slot["problem"]): ReadonlySet<string> {
    const affected = this.#slots.filter((slot) => slot.problem === problem);
    return new Set(affected.flatMap((slot) => slot.track_id ?? []));
  }

  #vacate(slot: number, occupant: Occupant): void {
    occupant.picture.close();
    this.#occupants.delete(slot);
  }

  #occupy(slot: Slot): void {
    const receiver = this.#receivers.get(key(slot));
    if (!receiver || !slot.track_id || this.#occupants.has(slot.slot)) return;
    if (slot.problem === "unsupported_codec") return;
    if (slot.timestamp === null && this.#used.has(slot.slot)) return;
    this.#used.add(slot.slot);
    const picture = this.#createPicture(receiver, slot.timestamp);
    this.#occupants.set(slot.slot, { trackId: slot.track_id, picture });
  }

  #sounds(): Sound[] {
    return this.#slots.flatMap((slot) => {
      const receiver = slot.kind === "audio" && this.#receivers.get(key(slot));
      if (!receiver || !slot.track_id || slot.problem) return [];
      return [{ slot: slot.slot, trackId: slot.track_id, track: receiver.track }];
    });
  }
}

function key(place: { kind: string; slot: number }): string {
  return `${place.kind} ${place.slot}`;
}
