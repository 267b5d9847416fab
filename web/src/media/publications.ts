/**
 * Keeps what the server knows of our tracks equal to what we give. Wishes may change at any time,
 * also without a connection; `sync` tells the server the difference, one request after the other.
 */

import type { TrackSource } from "@/signaling/messages";
import type { SignalingSocket } from "@/signaling/socket";

interface Published {
  trackId: string;
  muted: boolean;
}

export interface PublicationsPort {
  request: SignalingSocket["request"];
  /** The m-line of a source in the present offer. */
  mid(source: TrackSource): string;
}

export class Publications {
  readonly #port: PublicationsPort;
  readonly #wanted = new Map<TrackSource, { muted: boolean }>();
  readonly #published = new Map<TrackSource, Published>();
  #running: Promise<void> = Promise.resolve();

  constructor(port: PublicationsPort) {
    this.#port = port;
  }

  /** `muted` null: the track is not to be published. */
  want(source: TrackSource, muted: boolean | null): void {
    if (muted === null) this.#wanted.delete(source);
    else this.#wanted.set(source, { muted });
  }

  isWanted(source: TrackSource): boolean {
    return this.#wanted.has(source);
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
      if (wanted && !published) await this.#publish(source, wanted.muted);
      else if (published && !wanted) await this.#unpublish(source, published);
      else if (wanted && published && wanted.muted !== published.muted) {
        await this.#mute(published, wanted.muted);
      }
    }
  }

  async #publish(source: TrackSource, muted: boolean): Promise<void> {
    const mid = this.#port.mid(source);
    const { track } = await this.#port.request("publish", { source, mid, muted });
    const published = { trackId: track.id, muted: track.muted };
    this.#published.set(source, published);
    if (track.muted !== muted) await this.#mute(published, muted);
  }

  async #unpublish(source: TrackSource, { trackId }: Published): Promise<void> {
    await this.#port.request("unpublish", { track_id: trackId });
    this.#published.delete(source);
  }

  async #mute(published: Published, muted: boolean): Promise<void> {
    await this.#port.request("mute", { track_id: published.trackId, muted });
    published.muted = muted;
  }
}
