// @vitest-environment happy-dom
import { expect, it } from "vitest";
import type { ConversationPort } from "./conversation";
import { RememberedConversations } from "./remembered";

const port: ConversationPort = {
  request: () => new Promise(() => undefined),
  events: { on: () => () => undefined, onAnew: () => () => undefined },
};

it("gives the same conversation again", () => {
  const remembered = new RememberedConversations(port);
  const first = remembered.find(1, 7, 0);
  expect(remembered.find(2, 7, 0)).not.toBe(first);
  expect(remembered.find(1, 7, 3)).toBe(first);
});

it("forgets those of whoever was signed in before", () => {
  const remembered = new RememberedConversations(port);
  const first = remembered.find(1, 7, 0);
  first.draft = "For my eyes only";
  expect(remembered.find(1, 8, 0)).not.toBe(first);
  expect(remembered.find(1, 7, 0)).not.toBe(first);
});

it("keeps the last ones, and drafts", () => {
  const remembered = new RememberedConversations(port);
  const written = remembered.find(1, 7, 0);
  written.draft = "Dear";
  const plain = remembered.find(2, 7, 0);
  for (let id = 3; id < 30; id += 1) remembered.find(id, 7, 0);
  expect(remembered.find(1, 7, 0)).toBe(written);
  expect(remembered.find(2, 7, 0)).not.toBe(plain);
});
