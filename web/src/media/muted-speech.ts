/** Notices that somebody speaks while the microphone is off, and does not go on about it. */
import { Observable } from "@/store/observable";
import type { LocalMedia } from "./local";
import { Meter } from "./meter";

/** Of the meter's scale. */
const LOUD = 0.45;
/** So many loud measurements more than quiet ones: a word, not a key or a cough. */
const WORD = 6;
/** For so long one finishes what one was saying when it was turned off, ms. */
const GRACE = 5_000;
/** How long the hint is shown, and how long there is no other, ms. */
const SHOWN = 6_000;
const REST = 30_000;

type MakeMeter = (
  track: MediaStreamTrack,
  onLevel: (level: number) => void,
) => Pick<Meter, "close">;

export class MutedSpeech {
  /** "You are muted." */
  readonly hint = new Observable(false);
  readonly #local: LocalMedia;
  readonly #makeMeter: MakeMeter;
  #track: MediaStreamTrack | null = null;
  #meter: Pick<Meter, "close"> | null = null;
  #heat = 0;
  #mutedAt = 0;
  #shownAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    local: LocalMedia,
    makeMeter: MakeMeter = (track, onLevel) => new Meter(track, onLevel),
  ) {
    this.#local = local;
    this.#makeMeter = makeMeter;
  }

  /** Until the function that is returned is called. */
  watch(): () => void {
    const stop = this.#local.state.subscribe(this.#follow);
    this.#follow();
    return () => {
      stop();
      this.#listenTo(null);
    };
  }

  readonly #follow = (): void => {
    const { on, track } = this.#local.state.get().microphone;
    this.#listenTo(on ? null : track);
  };

  #listenTo(track: MediaStreamTrack | null): void {
    if (track === this.#track) return;
    this.#track = track;
    this.#meter?.close();
    this.#meter = track && this.#makeMeter(track, (level) => this.#heard(level));
    this.#heat = 0;
    this.#mutedAt = Date.now();
    this.#hide();
  }

  #heard(level: number): void {
    this.#heat = Math.max(0, this.#heat + (level >= LOUD ? 1 : -1));
    if (this.#heat < WORD) return;
    this.#heat = 0;
    const now = Date.now();
    if (now - this.#mutedAt < GRACE || now - this.#shownAt < REST) return;
    this.#shownAt = now;
    this.hint.set(true);
    this.#timer = setTimeout(() => this.#hide(), SHOWN);
  }

  #hide(): void {
    clearTimeout(this.#timer);
    this.hint.set(false);
  }
}
