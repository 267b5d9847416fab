import type { Tile } from "@/media/tiles";

export function makeTile(fields: Partial<Tile> = {}): Tile {
  return {
    key: "ana camera",
    participantId: "ana",
    source: "camera",
    name: "Ana",
    guest: false,
    self: false,
    hand: null,
    silent: false,
    voice: null,
    trackId: "cam",
    live: true,
    picture: null,
    preview: null,
    unsupported: false,
    paused: false,
    pinned: false,
    leads: false,
    ...fields,
  };
}
