// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LocalMedia } from "@/media/local";
import type { MediaSession, SessionState } from "@/media/session";
import { Notices } from "@/signaling/notices";
import { Observable } from "@/store/observable";
import { Panels } from "./panels";

const JOINING = { selfId: "me", hand: null, conversationId: null } as unknown as SessionState;

let state: Observable<SessionState>;
let events: Notices;
let panels: Panels;
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  state = new Observable(JOINING);
  events = new Notices();
  const local = new LocalMedia();
  const request = async () => ({ messages: [], more: false });
  const link = { socket: { welcome: { user_id: 1, guest_id: null } } };
  panels = new Panels({ state, events, local, request, link } as unknown as MediaSession);
  stop = panels.start();
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

function hand(hand: number | null): void {
  events.tell({ type: "hand", event: 1, participant_id: "me", hand });
  state.patch({ hand });
}

test("there is a chat as soon as one has joined, and one panel at a time", () => {
  panels.toggle("chat");
  expect(panels.shown.get()).toBeNull();
  state.patch({ conversationId: 7 });
  expect(panels.chat.get()?.conversation.id).toBe(7);
  panels.toggle("people");
  panels.toggle("chat");
  expect(panels.shown.get()).toBe("chat");
  panels.toggle("chat");
  expect(panels.shown.get()).toBeNull();
});

test("who writes to one person writes to nobody else", () => {
  state.patch({ conversationId: 7 });
  panels.writeTo({ id: "ben", name: "Ben" });
  expect(panels.shown.get()).toBe("chat");
  expect(panels.chat.get()?.addressee.get()).toEqual({ id: "ben", name: "Ben" });
});

test("one is told when somebody else lowers one's hand, not when one does it oneself", async () => {
  await panels.toggleHand();
  hand(1);
  await panels.toggleHand();
  hand(null);
  expect(panels.handLowered.get()).toBe(0);
  await panels.toggleHand();
  hand(2);
  hand(null);
  expect(panels.handLowered.get()).toBe(1);
});

test("nothing goes on after the end", () => {
  events.tell({ type: "reaction", participant_id: "ben", emoji: "👍" });
  expect(panels.reactions.floating.get()).toHaveLength(1);
  stop();
  expect(panels.reactions.floating.get()).toEqual([]);
  events.tell({ type: "reaction", participant_id: "ben", emoji: "👍" });
  state.patch({ conversationId: 7 });
  expect(panels.chat.get()).toBeNull();
  expect(panels.reactions.floating.get()).toEqual([]);
});
