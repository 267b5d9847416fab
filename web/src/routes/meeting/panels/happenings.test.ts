import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Participant } from "@/signaling/messages";
import { Notices } from "@/signaling/notices";
import { Observable } from "@/store/observable";
import { type Happened, Happenings } from "./happenings";
import type { Heard } from "./meeting-chat";

let events: Notices;
let told: Happened[];
let stop: () => void;
let heard: Observable<Heard | null>;

const NOTHING = { joined: [], left: [], raised: [], wrote: [], waits: [] };

beforeEach(() => {
  vi.useFakeTimers();
  events = new Notices();
  told = [];
  const roster = new Map(
    [person("ben", "Ben"), person("cleo", "Cleo")].map((one) => [one.id, one]),
  );
  const state = new Observable({ roster, lobby: [waiting("Dora")] });
  heard = new Observable<Heard | null>(null);
  stop = new Happenings({ state, events, heard }, (happened) => told.push(happened)).listen();
});
afterEach(() => vi.useRealTimers());

function person(id: string, name: string): Participant {
  return { id, name, guest: true, user_id: null, role: "guest", hand: null, tracks: [] };
}

function waiting(name: string) {
  return { id: name, name, guest: true, user_id: null };
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

test("who writes is named", () => {
  heard.set({ name: "Ben", content: "Hello", alone: false });
  heard.set(null);
  heard.set({ name: "Cleo", content: "Psst", alone: true });
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([{ ...NOTHING, wrote: ["Ben", "Cleo"] }]);
});

test("who begins to wait is named, not who waits on", () => {
  events.tell({ type: "lobby", people: [waiting("Dora"), waiting("Emil")] });
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([{ ...NOTHING, waits: ["Emil"] }]);
});
