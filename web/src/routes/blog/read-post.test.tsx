// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, within } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { signIn, signOut } from "@/api/account";
import { fakeServer, type Sent } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import { ReadPost } from "./read-post";

const POST = {
  id: 7,
  title: "On tea",
  author: { id: 1, name: "Ana", avatar: null },
  published_at: "2026-11-23T09:00:00Z",
  updated_at: "2026-11-23T09:00:00Z",
  html: "<p>Tea is <em>hot</em>.</p>",
  version: 3,
};

afterEach(() => {
  cleanup();
  act(signOut);
  vi.unstubAllGlobals();
});

async function read(me: { id: number; is_admin: boolean } | null): Promise<Sent[]> {
  const sent = fakeServer({
    "GET /blogs/7": [200, POST],
    "GET /users/me": [200, { ...me, name: "Ben", avatar: null }],
    "DELETE /blogs/7": [204],
  });
  if (me) signIn("token");
  renderAt(
    "/blog/7",
    <Routes>
      <Route path="/blog" element="all posts" />
      <Route path="/blog/:id" element={<ReadPost />} />
    </Routes>,
  );
  await screen.findByRole("heading", { name: "On tea" });
  return sent;
}

const button = (name: string) => screen.queryByRole("button", { name });
const edit = () => screen.queryByRole("link", { name: "Edit" });

test("strangers and others read only", async () => {
  await read(null);
  expect([edit(), button("Delete")]).toEqual([null, null]);
  cleanup();
  const sent = await read({ id: 2, is_admin: false });
  await vi.waitFor(() => expect(sent.map(({ request }) => request)).toContain("GET /users/me"));
  expect([edit(), button("Delete")]).toEqual([null, null]);
});

test("an administrator deletes what others wrote, when he has said so twice", async () => {
  const sent = await read({ id: 2, is_admin: true });
  fireEvent.click(await screen.findByRole("button", { name: "Delete" }));
  expect(edit()).toBeNull();
  expect(sent.some(({ request }) => request.startsWith("DELETE"))).toBe(false);
  const dialog = await screen.findByRole("alertdialog");
  fireEvent.click(within(dialog).getByRole("button", { name: "Delete" }));
  await screen.findByText("all posts");
  expect(sent.some(({ request }) => request === "DELETE /blogs/7")).toBe(true);
});
