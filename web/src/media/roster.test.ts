import { expect, test } from "vitest";
import type { Participant, Track } from "@/signaling/messages";
import { follow, rosterOf } from "./roster";

const CAMERA: Track = { id: "cam", participant_id: "ana", source: "camera", muted: false };
const ANA: Participant = {
  id: "ana",
  name: "Ana",
  guest: false,
  user_id: 1,
  role: "host",
  hand: null,
  tracks: [CAMERA],
};
const BEN: Participant = {
  id: "ben",
  name: "Ben",
  guest: true,
  user_id: null,
  role: "guest",
  hand: null,
  tracks: [],
};

test("people come and go", () => {
  const two = follow(rosterOf([ANA]), { type: "participant_joined", event: 1, participant: BEN });
  expect([...two.keys()]).toEqual(["ana", "ben"]);
  const one = follow(two, {
    type: "participant_left",
    event: 2,
    participant_id: "ana",
    reason: "lost",
  });
  expect([...one.values()]).toEqual([BEN]);
});

test("tracks are published, muted, and taken back", () => {
  const screen: Track = { id: "scr", participant_id: "ana", source: "screen", muted: false };
  const shown = follow(rosterOf([ANA]), { type: "track_published", event: 1, track: screen });
  expect(shown.get("ana")?.tracks).toEqual([CAMERA, screen]);
  const muted = follow(shown, {
    type: "track_muted",
    event: 2,
    participant_id: "ana",
    track_id: "cam",
    muted: true,
  });
  expect(muted.get("ana")?.tracks).toEqual([{ ...CAMERA, muted: true }, screen]);
  const gone = follow(muted, {
    type: "track_unpublished",
    event: 3,
    participant_id: "ana",
    track_id: "cam",
  });
  expect(gone.get("ana")?.tracks).toEqual([screen]);
});

test("a track told twice is there once", () => {
  const again = follow(rosterOf([ANA]), { type: "track_published", event: 1, track: CAMERA });
  expect(again.get("ana")?.tracks).toEqual([CAMERA]);
});

test("what concerns nobody here, and what is no event, changes nothing", () => {
  const roster = rosterOf([BEN]);
  expect(follow(roster, { type: "track_published", event: 1, track: CAMERA })).toBe(roster);
  expect(follow(roster, { type: "levels", levels: {} })).toBe(roster);
});

test("a host mutes many at once", () => {
  const roster = follow(rosterOf([ANA, BEN]), {
    type: "tracks_muted",
    event: 1,
    track_ids: ["cam", "unknown"],
    by: "ben",
  });
  expect(roster.get("ana")?.tracks).toEqual([{ ...CAMERA, muted: true }]);
  expect(roster.get("ben")).toBe(BEN);
});

test("roles change, and hands go up and down", () => {
  let roster = rosterOf([ANA, BEN]);
  roster = follow(roster, { type: "hand", event: 1, participant_id: "ben", hand: 3 });
  roster = follow(roster, {
    type: "role_changed",
    event: 2,
    participant_id: "ana",
    role: "cohost",
  });
  expect([roster.get("ben")?.hand, roster.get("ana")?.role]).toEqual([3, "cohost"]);
  const stranger = { type: "hand", event: 3, participant_id: "who", hand: 4 } as const;
  expect(follow(roster, stranger)).toBe(roster);
});
