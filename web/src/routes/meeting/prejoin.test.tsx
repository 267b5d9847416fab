// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { Tooltip } from "radix-ui";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { signIn, signOut } from "@/api/account";
import { LocalMedia } from "@/media/local";
import { type FakeDevices, fakeMedia } from "@/testing/fake-media";
import { PreJoin } from "./prejoin";

const MEETING = {
  id: "m",
  title: "Round table",
  guests_allowed: true,
  url: "http://here/m/m",
  created_at: "2026-11-22T19:00:00Z",
  host: { id: 1, name: "Ana" },
};

let devices: FakeDevices;
let answers: Record<string, [status: number, body: object]>;
let asked: { path: string; body: unknown }[];
const onToken = vi.fn();

beforeEach(() => {
  devices = fakeMedia();
  onToken.mockClear();
  asked = [];
  answers = { "GET /meetings/m": [200, MEETING] };
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = `${request.method} ${new URL(request.url).pathname}`;
    asked.push({ path, body: request.body && (await request.clone().json()) });
    const [status, body] = answers[path] ?? [404, { title: "Not found", detail: "", status: 404 }];
    const type = status < 400 ? "application/json" : "application/problem+json";
    return new Response(JSON.stringify(body), { status, headers: { "Content-Type": type } });
  });
});

afterEach(() => {
  cleanup();
  signOut();
  localStorage.clear();
  sessionStorage.clear();
  vi.unstubAllGlobals();
});

async function open(): Promise<void> {
  const local = new LocalMedia();
  await local.open();
  const client = new QueryClient({ defaultOptions: { queries: { retryDelay: 0 } } });
  render(
    <QueryClientProvider client={client}>
      <MemoryRouter>
        <Tooltip.Provider>
          <PreJoin meetingId="m" local={local} onToken={onToken} />
        </Tooltip.Provider>
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

test("a guest gives a name and enters with a token of the meeting", async () => {
  answers["POST /meetings/m/guests"] = [201, { token: "guest", name: "Ben", meeting_id: "m" }];
  await open();
  expect(await screen.findByRole("heading", { name: "Round table" })).toBeTruthy();
  fireEvent.change(screen.getByLabelText("Your name"), { target: { value: "Ben" } });
  fireEvent.click(screen.getByRole("button", { name: "Join" }));
  await waitFor(() => expect(onToken).toHaveBeenCalledWith("guest"));
  expect(asked).toContainEqual({ path: "POST /meetings/m/guests", body: { name: "Ben" } });
});

test("a member enters with the account's token, and is not asked for a name", async () => {
  signIn("member");
  await open();
  fireEvent.click(await screen.findByRole("button", { name: "Join" }));
  expect(onToken).toHaveBeenCalledWith("member");
  expect(screen.queryByLabelText("Your name")).toBeNull();
});

test("where guests are not admitted, the way in is to sign in", async () => {
  answers["GET /meetings/m"] = [200, { ...MEETING, guests_allowed: false }];
  await open();
  const link = await screen.findByRole("link", { name: "Sign in to enter" });
  expect(link.getAttribute("href")).toBe("/signin?next=%2Fm%2Fm");
  expect(screen.queryByRole("button", { name: "Join" })).toBeNull();
});

test("says that there is no such meeting", async () => {
  answers = {};
  await open();
  expect(await screen.findByRole("heading", { name: "There is no such meeting" })).toBeTruthy();
});

test("says that camera and microphone were not allowed, and lets in without", async () => {
  devices.getUserMedia.mockRejectedValue(new DOMException("", "NotAllowedError"));
  await open();
  expect(await screen.findByText(/You did not allow the camera/)).toBeTruthy();
  expect(screen.getByText(/You did not allow the microphone/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Join" })).toBeTruthy();
});

test("says why there is no camera on a page without encryption", async () => {
  vi.stubGlobal("isSecureContext", false);
  await open();
  expect(await screen.findByText("This page is not encrypted.")).toBeTruthy();
});
