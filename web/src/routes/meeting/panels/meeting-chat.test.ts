// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ConversationPort } from "@/chat/conversation";
import { SignalingError } from "@/signaling/errors";
import { Notices } from "@/signaling/notices";
import { settle } from "@/testing/fake-socket";
import { MeetingChat } from "./meeting-chat";

const BEN = { id: "ben", name: "Ben" };

let events: Notices;
let asked: { type: string; fields: object }[];
let refusal: SignalingError | null;
let chat: MeetingChat;
let close: () => void;

beforeEach(async () => {
  vi.useFakeTimers();
  events = new Notices();
  asked = [];
  refusal = null;
  const request = async (type: string, fields: object) => {
    asked.push({ type, fields });
    if (refusal) throw refusal;
    return type === "history" ? { messages: [], more: false } : {};
  };
  chat = new MeetingChat(7, { request, events } as unknown as ConversationPort, {
    userId: null,
    guestId: 4,
  });
  close = chat.open();
  await settle();
});

afterEach(() => {
  close();
  vi.useRealTimers();
});

function whisper(content: string, own = false): void {
  const [me, ben] = ["me", "ben"].map((id) => ({ participant_id: id, name: id.toUpperCase() }));
  if (!me || !ben) return;
  const [sender, recipient] = own ? [me, ben] : [ben, me];
  const sent_at = "2026-05-02T19:30:00Z";
  events.tell({ type: "private_message", event: 1, sender, recipient, own, content, sent_at });
}

function say(seq: number): void {
  events.tell({
    type: "message",
    event: seq,
    message: {
      id: seq,
      conversation_id: 7,
      seq,
      revision: seq,
      author: { user_id: 2, guest_id: null, name: "Ben" },
      content: "Good evening",
      client_key: null,
      created_at: "2026-05-02T19:30:00Z",
      edited_at: null,
      deleted_at: null,
    },
  });
}

const said = () => chat.notes.get().map(({ content, failed }) => [content, failed]);
const sent = () => asked.filter(({ type }) => !["history", "mark_read"].includes(type));

test("what is said to one goes to one, what is said to all to all", async () => {
  chat.addressee.set(BEN);
  chat.send("Psst");
  chat.addressee.set(null);
  chat.send("Hello");
  await settle();
  expect(sent()).toMatchObject([
    { type: "private_message", fields: { participant_id: "ben", content: "Psst" } },
    { type: "send_message", fields: { conversation_id: 7, content: "Hello" } },
  ]);
});

test("both persons see it, once it was told", () => {
  whisper("Psst");
  whisper("Yes?", true);
  expect(chat.notes.get()).toMatchObject([
    { own: false, other: { id: "ben" }, content: "Psst", failed: false },
    { own: true, other: { id: "ben" }, content: "Yes?", failed: false },
  ]);
});

test("what is not seen is counted, whatever it is", () => {
  whisper("Psst");
  say(1);
  whisper("I", true);
  expect(chat.unread.get()).toBe(2);
  chat.look(true);
  chat.conversation.attend(true);
  expect(chat.unread.get()).toBe(0);
  whisper("seen at once");
  say(2);
  expect(chat.unread.get()).toBe(0);
});

test("what is said while one does not look is shown for a moment", () => {
  say(1);
  expect(chat.latest.get()).toEqual({ name: "Ben", content: "Good evening", alone: false });
  vi.advanceTimersByTime(3_000);
  whisper("Psst");
  whisper("I", true);
  expect(chat.latest.get()).toEqual({ name: "BEN", content: "Psst", alone: true });
  vi.advanceTimersByTime(3_000);
  expect(chat.latest.get()).not.toBeNull();
  vi.advanceTimersByTime(3_000);
  expect(chat.latest.get()).toBeNull();
  say(2);
  chat.look(true);
  say(3);
  expect(chat.latest.get()).toBeNull();
});

test("what did not arrive stays, can be sent again, and turns out to have arrived", async () => {
  refusal = new SignalingError("not_found", "not here");
  chat.addressee.set(BEN);
  chat.send("Psst");
  await settle();
  expect(said()).toEqual([["Psst", true]]);
  const [note] = chat.notes.get();
  refusal = new SignalingError("connection_lost", "gone");
  if (note) chat.retry(note);
  await settle();
  expect(said()).toEqual([["Psst", true]]);
  whisper("Psst", true);
  expect(said()).toEqual([["Psst", false]]);
});

test("of very many the oldest go", () => {
  for (let count = 0; count < 400; count++) whisper(`${count}`);
  expect(chat.notes.get()).toHaveLength(300);
  expect(chat.notes.get().at(-1)?.content).toBe("399");
});
