/**
 * Keeps what the server knows of our tracks equal to what we give. Wishes may change at any time,
 * also without a connection; `sync` tells the server the difference, one request after the other.
 */

import type { TrackSource } from "@/signaling/messages";
import type { SignalingSocket } from "@/signaling/socket";
import type { Size } from "./layout";

interface Wish {
  muted: boolean;
  /** Of the picture before it is sent; null where it is not known. */
  size: Size | null;
}

interface Published extends Wish {
  trackId: string;
}

export interface PublicationsPort {
  request: SignalingSocket["request"];
  /** The m-line of a source in the present offer. */
  mid(source: TrackSource): string;
}

export class Publications {
  readonly #port: PublicationsPort;
  readonly #wanted = new Map<TrackSource, Wish>();
  readonly #published = new Map<TrackSource, Published>();
  #running: Promise<void> = Promise.resolve();

  constructor(port: PublicationsPort) {
    this.#port = port;
  }

  /** `muted` null: the track is not to be published. */
  want(source: TrackSource, muted: boolean | null, size: Size | null = null): void {
    if (muted === null) this.#wanted.delete(source);
    else this.#wanted.set(source, { muted, size });
  }

  isWanted(source: TrackSource): boolean {
    return this.#wanted.has(source);
  }

  /** Null: it is not published. */
  trackId(source: TrackSource): string | null {
    return this.#published.get(source)?.trackId ?? null;
  }

  /** What is published as one of these tracks. */
  sourcesOf(trackIds: readonly string[]): TrackSource[] {
    return [...this.#published]
      .filter(([, { trackId }]) => trackIds.includes(trackId))
      .map(([source]) => source);
  }

  /** The server has forgotten us. */
  forget(): void {
    this.#published.clear();
  }

  /** Rejects where a request failed; what is left is told by the next call. */
  sync(): Promise<void> {
    const run = this.#running.then(() => this.#tellDifference());
    this.#running = run.catch(() => undefined);
    return run;
  }

  async #tellDifference(): Promise<void> {
    for (const source of ["microphone", "camera", "screen", "screen_audio"] as const) {
      const wanted = this.#wanted.get(source);
      const published = this.#published.get(source);
      if (wanted && !published) await this.#publish(source, wanted);
      else if (published && !wanted) await this.#unpublish(source, published);
      else if (wanted && published) await this.#change(published, wanted);
    }
  }

  async #publish(source: TrackSource, wanted: Wish): Promise<void> {
    const { muted, size } = wanted;
    const mid = this.#port.mid(source);
    const { track } = await this.#port.request("publish", { source, mid, muted, ...size });
    const published = { trackId: track.id, muted: track.muted, size };
    this.#published.set(source, published);
    await this.#change(published, wanted);
  }

  async #unpublish(source: TrackSource, { trackId }: Published): Promise<void> {
    await this.#port.request("unpublish", { track_id: trackId });
    this.#published.delete(source);
  }

  /** A camera that is off has the size it had. */
  async #change(published: Published, { muted, size }: Wish): Promise<void> {
    if (size && !isSame(size, published.size)) {
      await this.#port.request("resize", { track_id: published.trackId, ...size });
      published.size = size;
    }
    if (muted !== published.muted) {
      await this.#port.request("mute", { track_id: published.trackId, muted });
      published.muted = muted;
    }
  }
}

function isSame(size: Size, told: Size | null): boolean {
  return size.width === told?.width && size.height === told.height;
}
