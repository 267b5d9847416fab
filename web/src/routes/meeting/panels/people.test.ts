import { expect, test } from "vitest";
import type { LocalState } from "@/media/local";
import type { SessionState } from "@/media/session";
import type { Participant, Role } from "@/signaling/messages";
import { isCalled, type Person, peopleOf, powersOver, raisedHands } from "./people";

const LOCAL = {
  microphone: { on: true, track: null },
  camera: { on: false, track: null },
  screen: null,
} as unknown as LocalState;

function participant(id: string, hand: number | null, fields: Partial<Participant> = {}) {
  const base = { name: id.toUpperCase(), guest: false, user_id: 1, role: "participant" as const };
  return { ...base, id, hand, tracks: [], ...fields } satisfies Participant;
}

function state(hand: number | null, ...people: Participant[]): SessionState {
  const roster = new Map(people.map((each) => [each.id, each]));
  return { selfId: "me", selfName: "Me", role: "host", hand, roster } as unknown as SessionState;
}

test("oneself is first, then hands in the order they were raised, then who came first", () => {
  const now = state(2, participant("a", null), participant("b", 7), participant("c", 1));
  expect(peopleOf(now, LOCAL).map(({ id }) => id)).toEqual(["me", "c", "b", "a"]);
  expect(raisedHands(now)).toEqual(["c", "me", "b"]);
});

test("a device that is wanted and not there is not on", () => {
  const muted = { id: "t", participant_id: "a", source: "microphone" as const, muted: true };
  const camera = { id: "u", participant_id: "a", source: "camera" as const, muted: false };
  const [self, other] = peopleOf(
    state(null, participant("a", null, { tracks: [muted, camera] })),
    LOCAL,
  );
  expect(self).toMatchObject({ voice: false, picture: false });
  expect(other).toMatchObject({ voice: false, picture: true });
});

function person(role: Role, fields: Partial<Person> = {}): Person {
  const base = { id: "a", name: "A", self: false, member: role !== "guest", role, hand: null };
  return { ...base, voice: false, picture: false, screen: false, ...fields };
}

test("somebody is found by a part of the name, without its accents", () => {
  const zoe = { name: "Zoë Gärtner" };
  expect(["zoe", "GART", "ë g", " "].map((wanted) => isCalled(zoe, wanted))).toEqual(
    Array(4).fill(true),
  );
  expect(isCalled(zoe, "ben")).toBe(false);
});

test("each may do what the server would let him do", () => {
  expect(powersOver(person("participant"), "participant")).toEqual([]);
  expect(powersOver(person("guest"), "guest")).toEqual([]);
  expect(powersOver(person("host"), "cohost")).toEqual([]);
  expect(powersOver(person("cohost", { self: true }), "cohost")).toEqual([]);
  expect(powersOver(person("participant"), "cohost")).toEqual(["remove"]);
  const busy = { voice: true, picture: true, screen: true, hand: 3 };
  expect(powersOver(person("cohost", busy), "cohost")).toEqual([
    "mute",
    "stop_video",
    "stop_screen",
    "lower_hand",
    "remove",
  ]);
  expect(powersOver(person("participant"), "host")).toEqual(["make_cohost", "hand_over", "remove"]);
  expect(powersOver(person("cohost"), "host")).toEqual(["make_participant", "hand_over", "remove"]);
  expect(powersOver(person("guest"), "host")).toEqual(["remove"]);
});
