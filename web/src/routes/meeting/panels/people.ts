/** Who is in the meeting as the panel shows it, and what one may do to whom. */
import type { LocalState } from "@/media/local";
import { moderates } from "@/media/roster";
import type { SessionState } from "@/media/session";
import type { Participant, Role, TrackSource } from "@/signaling/messages";

export interface Person {
  id: string;
  name: string;
  self: boolean;
  /** Has an account: may be given a role. */
  member: boolean;
  role: Role;
  hand: number | null;
  voice: boolean;
  picture: boolean;
  screen: boolean;
}

export type Power =
  | "mute"
  | "stop_video"
  | "stop_screen"
  | "lower_hand"
  | "make_cohost"
  | "make_participant"
  | "hand_over"
  | "remove";

type Assembly = Pick<SessionState, "selfId" | "selfName" | "role" | "hand" | "roster">;

/** Oneself, then raised hands in the order they were raised, then the others as they came. */
export function peopleOf(state: Assembly, local: LocalState): Person[] {
  const others = [...state.roster.values()].map(personOf);
  return [ownPerson(state, local), ...handsFirst(others)];
}

/** Whether a name has what one looks for, however it is written. */
export function isCalled({ name }: Pick<Person, "name">, wanted: string): boolean {
  return plain(name).includes(plain(wanted));
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").trim().toLowerCase();
}

/** Whose hands are raised, in that order, one's own included. */
export function raisedHands(state: Pick<Assembly, "selfId" | "hand" | "roster">): Person["id"][] {
  const all = [...state.roster.values()].map(({ id, hand }) => ({ id, hand }));
  const raised = [...all, { id: state.selfId ?? "", hand: state.hand }];
  return handsFirst(raised)
    .filter(({ hand }) => hand !== null)
    .map(({ id }) => id);
}

/** What somebody of this role may do to that person. Nobody has power over the host. */
export function powersOver(person: Person, own: Role): Power[] {
  if (person.self || person.role === "host" || !moderates(own)) return [];
  const powers: (Power | false)[] = [
    person.voice && "mute",
    person.picture && "stop_video",
    person.screen && "stop_screen",
    person.hand !== null && "lower_hand",
    own === "host" && person.role === "participant" && "make_cohost",
    own === "host" && person.role === "cohost" && "make_participant",
    own === "host" && person.member && "hand_over",
    "remove",
  ];
  return powers.filter((power) => power !== false);
}

function personOf({ id, name, user_id, role, hand, tracks }: Participant): Person {
  const on = (source: TrackSource) =>
    tracks.some((track) => track.source === source && !track.muted);
  return {
    id,
    name,
    self: false,
    member: user_id !== null,
    role,
    hand,
    voice: on("microphone"),
    picture: on("camera"),
    screen: on("screen"),
  };
}

function ownPerson(state: Omit<Assembly, "roster">, local: LocalState): Person {
  return {
    id: state.selfId ?? "",
    name: state.selfName,
    self: true,
    member: state.role !== "guest",
    role: state.role,
    hand: state.hand,
    voice: local.microphone.on && local.microphone.track !== null,
    picture: local.camera.on && local.camera.track !== null,
    screen: local.screen !== null,
  };
}

function handsFirst<T extends { hand: number | null }>(people: readonly T[]): T[] {
  const place = ({ hand }: T) => hand ?? Number.POSITIVE_INFINITY;
  return [...people].sort((one, other) =>
    place(one) === place(other) ? 0 : place(one) - place(other),
  );
}
