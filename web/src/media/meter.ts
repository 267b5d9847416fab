/** How often the level is taken, ms. */
const INTERVAL = 80;
/** The range a voice fills, dBFS. */
const FLOOR = -60;
const CEILING = -12;

/** Tells how loud the own microphone is, 0 to 1. */
export class Meter {
  readonly #context = new AudioContext();
  readonly #analyser = this.#context.createAnalyser();
  readonly #samples = new Float32Array(this.#analyser.fftSize);
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(track: MediaStreamTrack, onLevel: (level: number) => void) {
    this.#context.createMediaStreamSource(new MediaStream([track])).connect(this.#analyser);
    this.#timer = setInterval(() => {
      this.#analyser.getFloatTimeDomainData(this.#samples);
      onLevel(loudness(this.#samples));
    }, INTERVAL);
    document.addEventListener("pointerdown", this.#resume);
  }

  close(): void {
    clearInterval(this.#timer);
    document.removeEventListener("pointerdown", this.#resume);
    void this.#context.close();
  }

  /** Without a click on the page the browser may hold the context back. */
  readonly #resume = (): void => {
    if (this.#context.state === "suspended") void this.#context.resume();
  };
}

/** Root mean square on a decibel scale, 0 to 1 in steps of a twentieth. */
export function loudness(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const decibels = 10 * Math.log10(power || Number.MIN_VALUE);
  const level = (decibels - FLOOR) / (CEILING - FLOOR);
  return Math.round(Math.min(1, Math.max(0, level)) * 20) / 20;
}
