/** What a meeting shows: one tile per person and one per shown screen. */
import type { Participant, Track, TrackSource } from "@/signaling/messages";
import type { LocalState } from "./local";
import type { Picture } from "./picture";
import type { SessionState } from "./session";
import type { SlotsView } from "./slots";

export interface Tile {
  key: string;
  participantId: string;
  source: "camera" | "screen";
  name: string;
  guest: boolean;
  self: boolean;
  /** Raised; they count up in the order they were. */
  hand: number | null;
  /** The microphone is off. */
  silent: boolean;
  /** Whose level tells that this person speaks. */
  voice: string | null;
  /** For `view`; null where there is nothing to receive. */
  trackId: string | null;
  /** The camera is on, or a screen is shown. */
  live: boolean;
  picture: Picture | null;
  /** The own picture, before it is sent. */
  preview: MediaStreamTrack | null;
  /** Sent in a codec this browser does not know. */
  unsupported: boolean;
  /** The way here carries too little for this picture now. */
  paused: boolean;
  /** Chosen for the large place. */
  pinned: boolean;
  /** Leads the conversation; never oneself. */
  leads: boolean;
}

/** Who matters most, as far as the meeting itself and this person say so. */
export interface Focus {
  /** Key of a tile. */
  pinned: string | null;
  /** Participant ids, latest first. */
  leaders: readonly string[];
}

/** Others in the order they came, oneself last. */
export function tilesOf(
  session: SessionState,
  local: LocalState,
  slots: SlotsView,
  focus: Focus,
): Tile[] {
  const others = [...session.roster.values()];
  const leader = focus.leaders.find((id) => session.roster.has(id));
  const tiles = [
    ...others.flatMap((participant) => screenTile(participant, slots) ?? []),
    ...others.map((participant) => cameraTile(participant, slots)),
    ...ownTiles(session, local),
  ];
  return tiles.map((tile) => ({
    ...tile,
    pinned: tile.key === focus.pinned,
    leads: tile.source === "camera" && tile.participantId === leader,
  }));
}

type Unfocused = Omit<Tile, "pinned" | "leads">;

function cameraTile(participant: Participant, slots: SlotsView): Unfocused {
  return remoteTile(participant, "camera", trackOf(participant, "camera"), slots);
}

function screenTile(participant: Participant, slots: SlotsView): Unfocused | null {
  const track = trackOf(participant, "screen");
  return track ? remoteTile(participant, "screen", track, slots) : null;
}

function remoteTile(
  participant: Participant,
  source: Tile["source"],
  track: Track | null,
  slots: SlotsView,
): Unfocused {
  const microphone = trackOf(participant, "microphone");
  return {
    key: `${participant.id} ${source}`,
    participantId: participant.id,
    source,
    name: participant.name,
    guest: participant.guest,
    self: false,
    hand: source === "camera" ? participant.hand : null,
    silent: microphone?.muted ?? true,
    voice: microphone?.id ?? null,
    trackId: track?.id ?? null,
    live: track !== null && !track.muted,
    picture: (track && slots.pictures.get(track.id)) ?? null,
    preview: null,
    unsupported: track !== null && slots.unsupported.has(track.id),
    paused: track !== null && slots.paused.has(track.id),
  };
}

function ownTiles({ selfId, selfName, hand }: SessionState, local: LocalState): Unfocused[] {
  const own = (source: Tile["source"], preview: MediaStreamTrack | null): Unfocused => ({
    key: `self ${source}`,
    participantId: selfId ?? "",
    source,
    name: selfName,
    guest: false,
    self: true,
    hand: source === "camera" ? hand : null,
    silent: !local.microphone.on,
    voice: null,
    trackId: null,
    live: preview !== null,
    picture: null,
    preview,
    unsupported: false,
    paused: false,
  });
  const camera = own("camera", local.camera.on ? local.camera.track : null);
  return local.screen ? [own("screen", local.screen.video), camera] : [camera];
}

function trackOf(participant: Participant, source: TrackSource): Track | null {
  return participant.tracks.find((track) => track.source === source) ?? null;
}
