// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SignalingError } from "@/signaling/errors";
import { settle } from "@/testing/fake-socket";
import { Conversation, type ConversationPort, type Message } from "./conversation";

const ANA = 1;
const BEN = 2;

type Fields = Record<string, unknown>;

interface Asked {
  type: string;
  fields: Fields;
  answer: (result: unknown) => Promise<void>;
  fail: (code: SignalingError["code"]) => Promise<void>;
}

let asked: Asked[];
let listeners: Map<string, (notice: never) => void>;
let anew: () => void;
let conversation: Conversation;
let close: () => void;

const port = {
  request: (type: string, fields: Fields) =>
    new Promise((resolve, reject) => {
      asked.push({
        type,
        fields,
        answer: (result) => {
          resolve(result as never);
          return settle();
        },
        fail: (code) => {
          reject(new SignalingError(code, code));
          return settle();
        },
      });
    }),
  events: {
    on: (type: string, listener: (notice: never) => void) => {
      listeners.set(type, listener);
      return () => listeners.delete(type);
    },
    onAnew: (listener: () => void) => {
      anew = listener;
      return () => undefined;
    },
  },
} as ConversationPort;

function message(seq: number, fields: Partial<Message> = {}): Message {
  return {
    id: seq,
    conversation_id: 7,
    seq,
    revision: seq,
    author: { user_id: BEN, guest_id: null, name: "Ben" },
    content: `say ${seq}`,
    client_key: null,
    created_at: "2026-05-02T19:30:00Z",
    edited_at: null,
    deleted_at: null,
    ...fields,
  };
}

const own = { author: { user_id: ANA, guest_id: null, name: "Ana" } };

function next(type: string): Asked {
  const index = asked.findIndex((one) => one.type === type);
  const [found] = index < 0 ? [] : asked.splice(index, 1);
  if (!found) throw new Error(`no ${type} among ${asked.map((one) => one.type).join()}`);
  return found;
}

function tell(type: string, notice: object): void {
  listeners.get(type)?.({ type, ...notice } as never);
}

const hear = (...heard: Message[]) => {
  for (const message of heard) tell("message", { message });
};
const history = (messages: Message[], more = false) => ({ messages, more });
const shown = () => conversation.state.get().messages.map(({ content }) => content);

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  listeners = new Map();
  conversation = new Conversation(7, port, { userId: ANA, readSeq: 9 });
  close = conversation.open();
});

afterEach(() => {
  close();
  vi.useRealTimers();
});

/** Messages 8 to 10 are there, and earlier ones on the server. */
async function begin(): Promise<void> {
  await next("history").answer(history([message(10), message(9), message(8)], true));
}

test("shows the end in order, asks for nothing else, and marks what is new", async () => {
  await begin();
  expect(shown()).toEqual(["say 8", "say 9", "say 10"]);
  expect(conversation.state.get()).toMatchObject({ phase: "ready", unread: 1, newAfter: 9 });
  expect(asked).toEqual([]);
});

test("takes each message once, in the order of seq, and an older revision never", async () => {
  await begin();
  hear(message(11), message(11), message(9, { revision: 12, content: "new 9" }), message(9));
  expect(shown()).toEqual(["say 8", "new 9", "say 10", "say 11"]);
  hear({ ...message(40), conversation_id: 8 });
  expect(asked).toEqual([]);
});

test("asks for what a gap lacks, page by page, and goes on from there", async () => {
  await begin();
  hear(message(13));
  const first = next("history");
  expect(first.fields).toMatchObject({ changed_after: 10 });
  hear(message(14));
  await first.answer(history([message(11)], true));
  const second = next("history");
  expect(second.fields).toMatchObject({ changed_after: 11 });
  await second.answer(history([message(12), message(13)]));
  expect(next("history").fields).toMatchObject({ changed_after: 13 });
  expect(shown()).toEqual(["say 8", "say 9", "say 10", "say 11", "say 12", "say 13", "say 14"]);
});

test("catches up after starting afresh, and again where that failed", async () => {
  await begin();
  anew();
  await next("history").fail("connection_lost");
  await vi.advanceTimersByTimeAsync(2_000);
  const again = next("history");
  expect(again.fields).toMatchObject({ changed_after: 10 });
  await again.answer(history([message(10, { revision: 11, content: null })]));
  expect(shown()).toEqual(["say 8", "say 9", null]);
  expect(conversation.state.get().unread).toBe(0);
});

test("hears while the end is still on its way", async () => {
  const end = next("history");
  hear(message(12), message(10, { revision: 13, content: "new 10" }));
  await end.answer(history([message(11), message(10)]));
  await next("history").answer(
    history([message(12), message(10, { revision: 13, content: "new 10" })]),
  );
  expect(shown()).toEqual(["new 10", "say 11", "say 12"]);
  expect(asked).toEqual([]);
});

test("an edit that overtakes its page of history wins, and shows no message early", async () => {
  await begin();
  const older = conversation.loadOlder();
  void conversation.loadOlder();
  const request = next("history");
  expect(request.fields).toMatchObject({ before: 8 });
  hear(message(6, { revision: 11, content: "new 6" }), message(2, { revision: 12 }));
  expect(shown()).toEqual(["say 8", "say 9", "say 10"]);
  await request.answer(history([message(7), message(6)], true));
  await older;
  expect(shown()).toEqual(["new 6", "say 7", "say 8", "say 9", "say 10"]);
  expect(asked).toEqual([]);
});

test("a page that did not come can be asked for again", async () => {
  await begin();
  void conversation.loadOlder();
  await next("history").fail("timeout");
  expect(conversation.state.get().older).toBe("failed");
  void conversation.loadOlder();
  await next("history").answer(history([message(1)]));
  expect(conversation.state.get()).toMatchObject({ older: "idle", more: false });
});

test("sends one after the other, and each is there once", async () => {
  await begin();
  conversation.send("one");
  conversation.send("two");
  expect(asked).toHaveLength(1);
  const { fields, answer } = next("send_message");
  const stored = message(11, { ...own, content: "one", client_key: String(fields.client_key) });
  hear(stored);
  expect(conversation.state.get().outgoing.map(({ content }) => content)).toEqual(["two"]);
  await answer({ message: stored });
  expect(shown().at(-1)).toBe("one");
  expect(next("send_message").fields.content).toBe("two");
  expect(conversation.state.get().unread).toBe(1);
});

test("sends again under the same key, then leaves it to the writer", async () => {
  await begin();
  conversation.send("one");
  const key = asked[0]?.fields.client_key;
  for (const pause of [1_000, 2_000, 4_000, 8_000]) {
    const attempt = next("send_message");
    expect(attempt.fields.client_key).toBe(key);
    await attempt.fail("connection_lost");
    await vi.advanceTimersByTimeAsync(pause);
  }
  await next("send_message").fail("unavailable");
  expect(conversation.state.get().outgoing).toMatchObject([{ content: "one", failed: true }]);
  conversation.retrySending(String(key));
  await next("send_message").answer({ message: message(11, { ...own, content: "one" }) });
  expect(conversation.state.get().outgoing).toEqual([]);
});

test("does not wait out the pause when the connection is back; a refusal is final", async () => {
  await begin();
  conversation.send("one");
  await next("send_message").fail("connection_lost");
  anew();
  await settle();
  await next("send_message").fail("forbidden");
  const [failed] = conversation.state.get().outgoing;
  expect(failed).toMatchObject({ failed: true });
  conversation.discard(String(failed?.key));
  expect(conversation.state.get().outgoing).toEqual([]);
});

test("edits and deletes", async () => {
  await begin();
  const edit = conversation.edit(10, "better");
  await next("edit_message").answer({ message: message(10, { revision: 11, content: "better" }) });
  await edit;
  const remove = conversation.remove(9);
  await next("delete_message").answer({ message: message(9, { revision: 12, content: null }) });
  await remove;
  expect(shown()).toEqual(["say 8", null, "better"]);
});

test("what is looked at is read; the mark stays until something else is new", async () => {
  await begin();
  conversation.attend(true);
  expect(next("mark_read").fields).toMatchObject({ seq: 10 });
  expect(conversation.state.get()).toMatchObject({ unread: 0, readSeq: 10, newAfter: 9 });
  hear(message(11));
  expect(next("mark_read").fields).toMatchObject({ seq: 11 });
  conversation.attend(false);
  hear(message(12));
  expect(conversation.state.get()).toMatchObject({ unread: 1, newAfter: 11 });
  tell("read", { conversation_id: 7, seq: 12, unread: 0 });
  expect(conversation.state.get().unread).toBe(0);
  conversation.attend(true);
  expect(asked).toEqual([]);
});

test("a read mark that did not arrive is told again", async () => {
  await begin();
  conversation.attend(true);
  await next("mark_read").fail("connection_lost");
  anew();
  await next("history").answer(history([]));
  expect(next("mark_read").fields).toMatchObject({ seq: 10 });
});

test("shows who types for a while, or until the message comes; tells it now and then", async () => {
  await begin();
  const ben = { conversation_id: 7, author: message(1).author };
  const typing = () => conversation.state.get().typing;
  tell("typing", ben);
  tell("typing", { ...ben, ...own });
  expect(typing()).toEqual(["Ben"]);
  await vi.advanceTimersByTimeAsync(5_000);
  tell("typing", ben);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(typing()).toEqual(["Ben"]);
  hear(message(11));
  expect(typing()).toEqual([]);
  conversation.type();
  conversation.type();
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(3_000);
  conversation.type();
  expect(asked).toHaveLength(2);
});

test("is gone for whoever is put out, and comes back with him", async () => {
  await begin();
  tell("conversation", { conversation_id: 7, change: "removed" });
  expect(conversation.state.get().phase).toBe("gone");
  tell("conversation", { conversation_id: 7, change: "added" });
  await next("history").fail("forbidden");
  expect(conversation.state.get().phase).toBe("gone");
});

test("a guest knows his messages, also earlier ones, and what was said before is read", async () => {
  close();
  asked = [];
  conversation = new Conversation(7, port, { userId: null, guestId: 4 });
  close = conversation.open();
  await next("history").answer(history([message(3)]));
  expect(conversation.state.get()).toMatchObject({ unread: 0, readSeq: 3, newAfter: null });
  const author = { user_id: null, guest_id: 4, name: "Gus" };
  expect(conversation.isOwn(author)).toBe(true);
  conversation.send("hello");
  const { fields, answer } = next("send_message");
  await answer({ message: message(4, { author, client_key: String(fields.client_key) }) });
  expect(conversation.isOwn({ ...author, guest_id: 5 })).toBe(false);
  expect(conversation.isOwn({ ...author, guest_id: null })).toBe(false);
  expect(conversation.state.get().unread).toBe(0);
});
