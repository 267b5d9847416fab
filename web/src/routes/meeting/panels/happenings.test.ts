import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Participant } from "@/signaling/messages";
import { Notices } from "@/signaling/notices";
import { Observable } from "@/store/observable";
import { type Happened, Happenings } from "./happenings";

let events: Notices;
let told: Happened[];
let stop: () => void;
let chatShown: boolean;

const NOTHING = { joined: [], left: [], raised: [], wrote: [], waits: [] };

beforeEach(() => {
  vi.useFakeTimers();
  events = new Notices();
  told = [];
  const roster = new Map(
    [person("ben", "Ben"), person("cleo", "Cleo")].map((one) => [one.id, one]),
  );
  const state = new Observable({ roster, lobby: [waiting("Dora")] });
  chatShown = false;
  const conversation = { id: 7, isOwn: ({ user_id }: { user_id: number | null }) => user_id === 1 };
  stop = new Happenings({ state, events, conversation, chatShown: () => chatShown }, (happened) =>
    told.push(happened),
  ).listen();
});
afterEach(() => vi.useRealTimers());

function person(id: string, name: string): Participant {
  return { id, name, guest: true, user_id: null, role: "guest", hand: null, tracks: [] };
}

function waiting(name: string) {
  return { id: name, name, guest: true, user_id: null };
}

function say(user_id: number, name: string, fields: { revision?: number } = {}): void {
  const author = { user_id, guest_id: null, name };
  const message = { id: 1, conversation_id: 7, seq: 3, revision: 3, content: "Hello" };
  const times = { created_at: "2026-05-02T19:30:00Z", edited_at: null, deleted_at: null };
  events.tell({
    type: "message",
    event: 1,
    message: { ...message, author, client_key: null, ...times, ...fields },
  });
}

function join(name: string): void {
  events.tell({ type: "participant_joined", event: 1, participant: person(name, name) });
}

function leave(participant_id: string): void {
  events.tell({ type: "participant_left", event: 1, participant_id, reason: "left" });
}

function raise(participant_id: string, hand: number | null): void {
  events.tell({ type: "hand", event: 1, participant_id, hand });
}

test("what happens at once is told at once, and only once", () => {
  join("Dora");
  vi.advanceTimersByTime(500);
  join("Emil");
  raise("ben", 1);
  raise("ben", null);
  raise("me", 2);
  leave("cleo");
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([{ ...NOTHING, joined: ["Dora", "Emil"], left: ["Cleo"], raised: ["Ben"] }]);
});

test("a reload is neither coming nor going", () => {
  leave("ben");
  join("Ben");
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([]);
  leave("ben");
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([{ ...NOTHING, left: ["Ben"] }]);
});

test("nothing is told after the end", () => {
  join("Dora");
  stop();
  join("Emil");
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([]);
});

test("who writes is named while the chat is closed, and once for what is new", () => {
  say(2, "Ben");
  say(2, "Ben", { revision: 9 });
  say(1, "Me");
  const [sender, recipient] = ["Cleo", "Me"].map((name) => ({ participant_id: name, name }));
  const sent_at = "2026-05-02T19:30:00Z";
  if (!sender || !recipient) return;
  const note = { type: "private_message" as const, event: 1, sender, recipient, sent_at };
  events.tell({ ...note, own: false, content: "Psst" });
  chatShown = true;
  say(2, "Ben");
  events.tell({ ...note, own: false, content: "Psst" });
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([{ ...NOTHING, wrote: ["Ben", "Cleo"] }]);
});

test("who begins to wait is named, not who waits on", () => {
  events.tell({ type: "lobby", people: [waiting("Dora"), waiting("Emil")] });
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([{ ...NOTHING, waits: ["Emil"] }]);
});
