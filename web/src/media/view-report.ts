import type { ViewItem } from "@/signaling/messages";
import type { Placed } from "./arrangement";

/** A layout settles before it is told, ms. */
const SETTLE = 60;
/** Who gets a slot where there are too few: a screen, then whoever has a picture to show. */
const PRIORITY = { screen: 100, live: 50, off: 10 };

/** Tells the server which pictures are on the page, and how large; no more often than needed. */
export class ViewReport {
  readonly #send: (tracks: ViewItem[]) => void;
  #wanted: ViewItem[] | null = null;
  #told = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (tracks: ViewItem[]) => void) {
    this.#send = send;
  }

  /** `pixelRatio`: device pixels per CSS pixel. */
  show(placed: readonly Placed[], pixelRatio: number): void {
    this.#wanted = placed.flatMap((place) => viewItem(place, pixelRatio) ?? []);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), SETTLE);
  }

  /** The server has forgotten us; the next `flush` tells all again. */
  forget(): void {
    this.#told = "";
  }

  flush(): void {
    clearTimeout(this.#timer);
    const view = JSON.stringify(this.#wanted);
    if (!this.#wanted || view === this.#told) return;
    this.#told = view;
    this.#send(this.#wanted);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

function viewItem({ tile, box }: Placed, pixelRatio: number): ViewItem | null {
  if (tile.trackId === null) return null;
  return {
    track_id: tile.trackId,
    width: Math.round(box.width * pixelRatio),
    height: Math.round(box.height * pixelRatio),
    priority: PRIORITY[tile.source === "screen" ? "screen" : tile.live ? "live" : "off"],
  };
}
