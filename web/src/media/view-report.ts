import type { ViewItem } from "@/signaling/messages";
import type { Placed } from "./arrangement";
import type { Tile } from "./tiles";

/** A layout settles before it is told, ms. */
const SETTLE = 60;
/** A page nobody looks at receives pictures no longer than this, ms: many come back at once. */
const PATIENCE = 3_000;
/** Another size is told only if it differs by more than this part. */
const TOLERANCE = 0.12;
/** Who gets a slot, and the better picture, where there is not enough for all. */
const PRIORITY = { screen: 100, pinned: 90, leads: 70, live: 50, off: 10 };

/** Tells the server which pictures are on the page, and how large; no more often than needed. */
export class ViewReport {
  readonly #send: (tracks: ViewItem[]) => void;
  #wanted: ViewItem[] | null = null;
  #told: ViewItem[] | null = null;
  #away = false;
  #settleTimer: ReturnType<typeof setTimeout> | undefined;
  #awayTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (tracks: ViewItem[]) => void) {
    this.#send = send;
  }

  /** `pixelRatio`: device pixels per CSS pixel. */
  show(placed: readonly Placed[], pixelRatio: number): void {
    this.#wanted = placed.flatMap((place) => viewItem(place, pixelRatio) ?? []);
    clearTimeout(this.#settleTimer);
    this.#settleTimer = setTimeout(() => this.flush(), SETTLE);
  }

  /** Whether anybody can see the page. */
  seen(seen: boolean): void {
    clearTimeout(this.#awayTimer);
    if (seen) this.#look(true);
    else this.#awayTimer = setTimeout(() => this.#look(false), PATIENCE);
  }

  /** The server has forgotten us; the next `flush` tells all again. */
  forget(): void {
    this.#told = null;
  }

  flush(): void {
    clearTimeout(this.#settleTimer);
    if (!this.#wanted) return;
    const view = this.#away ? [] : this.#wanted;
    if (this.#told && isAlike(view, this.#told)) return;
    this.#told = view;
    this.#send(view);
  }

  stop(): void {
    clearTimeout(this.#settleTimer);
    clearTimeout(this.#awayTimer);
  }

  #look(seen: boolean): void {
    this.#away = !seen;
    this.flush();
  }
}

function viewItem({ tile, box }: Placed, pixelRatio: number): ViewItem | null {
  if (tile.trackId === null) return null;
  return {
    track_id: tile.trackId,
    width: Math.round(box.width * pixelRatio),
    height: Math.round(box.height * pixelRatio),
    priority: PRIORITY[claim(tile)],
  };
}

function claim(tile: Tile): keyof typeof PRIORITY {
  if (tile.source === "screen") return "screen";
  if (!tile.live) return "off";
  if (tile.pinned) return "pinned";
  return tile.leads ? "leads" : "live";
}

function isAlike(view: readonly ViewItem[], told: readonly ViewItem[]): boolean {
  return view.length === told.length && view.every((item, index) => isLike(item, told[index]));
}

function isLike(item: ViewItem, told: ViewItem | undefined): boolean {
  if (item.track_id !== told?.track_id || item.priority !== told.priority) return false;
  return isNear(item.width, told.width) && isNear(item.height, told.height);
}

function isNear(length: number, told: number): boolean {
  return Math.abs(length - told) <= TOLERANCE * told;
}
