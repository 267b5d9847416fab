import type { Size } from "./layout";

/** How often to look, ms: no event tells that a shown window, or a turned phone, has another size. */
const INTERVAL = 2_000;

/** Of the picture before it is sent, in pixels. */
export function sizeOf(track: MediaStreamTrack | null): Size | null {
  if (track?.kind !== "video") return null;
  const { width, height } = track.getSettings();
  return width && height ? { width, height } : null;
}

/** Calls back when one of some tracks has a picture of another size than before. */
export class SizeWatch {
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(tracks: () => readonly (MediaStreamTrack | null)[], onChange: () => void) {
    const measure = () => JSON.stringify(tracks().map(sizeOf));
    let known = measure();
    this.#timer = setInterval(() => {
      const sizes = measure();
      if (sizes !== known) onChange();
      known = sizes;
    }, INTERVAL);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
