// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen } from "@testing-library/react";
import { Route, Routes, useLocation } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { signIn, signOut } from "@/api/account";
import { Screen } from "@/components/screen";
import { fakeServer } from "@/testing/fake-server";
import { FakeNetwork } from "@/testing/fake-socket";
import { renderAt } from "@/testing/render";
import { AdministratorsOnly, Frame, MembersOnly } from "./frame";
import { SignOut } from "./sign-out";

const ME = { id: 1, name: "Ana Torres", email: "ana@example.com", avatar: null, is_admin: false };

beforeEach(() => {
  const network = new FakeNetwork();
  vi.stubGlobal("WebSocket", function connect(url: string) {
    return network.createSocket(url);
  });
});

afterEach(() => {
  cleanup();
  act(signOut);
  vi.unstubAllGlobals();
});

function Address() {
  const { pathname, search } = useLocation();
  return <p>{`at ${pathname}${search}`}</p>;
}

function open(path: string): void {
  renderAt(
    path,
    <Routes>
      <Route element={<Frame />}>
        <Route index element={<Screen title="Home">start</Screen>} />
        <Route element={<MembersOnly />}>
          <Route path="settings" element={<Screen title="Settings">choices</Screen>} />
          <Route element={<AdministratorsOnly />}>
            <Route path="administration" element={<Screen title="Rule">accounts</Screen>} />
          </Route>
        </Route>
      </Route>
      <Route path="signin" element={<Address />} />
      <Route path="signout" element={<SignOut />} />
    </Routes>,
  );
}

test("a stranger is asked to sign in, and will come back to where he was", () => {
  open("/settings?tab=2");
  expect(screen.getByText("at /signin?next=%2Fsettings%3Ftab%3D2")).toBeTruthy();
});

test("a stranger sees the home page without navigation", () => {
  open("/");
  expect(screen.getByText("start")).toBeTruthy();
  expect(screen.queryByRole("navigation")).toBeNull();
  expect(screen.getByRole("link", { name: "Sign in" })).toBeTruthy();
});

test("going to another screen moves the focus to its heading and names the tab", async () => {
  fakeServer({ "GET /users/me": [200, ME] });
  signIn("token");
  open("/");
  fireEvent.click(screen.getByRole("link", { name: "Settings" }));
  const heading = await screen.findByRole("heading", { name: "Settings" });
  expect(document.activeElement).toBe(heading);
  expect(document.title).toBe("Settings · Tertulia");
  expect(screen.getByRole("link", { current: "page" }).textContent).toBe("Settings");
});

test("administration is there for administrators alone", async () => {
  fakeServer({ "GET /users/me": [200, ME] });
  signIn("token");
  open("/administration");
  expect(await screen.findByText("Nobody sits at this table")).toBeTruthy();
  expect(screen.queryByRole("link", { name: "Administration" })).toBeNull();
  cleanup();
  fakeServer({ "GET /users/me": [200, { ...ME, is_admin: true }] });
  open("/administration");
  expect(await screen.findByText("accounts")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Administration" })).toBeTruthy();
});

test("the menu of the account is loaded when it is opened, and ends the session", async () => {
  const sent = fakeServer({ "GET /users/me": [200, ME], "POST /auth/logout": [204] });
  signIn("token");
  open("/settings");
  fireEvent.click(screen.getByRole("button", { name: "Your account" }));
  fireEvent.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  expect(await screen.findByText("start")).toBeTruthy();
  expect(localStorage.getItem("tertulia.token")).toBeNull();
  const logout = sent.find(({ request }) => request === "POST /auth/logout");
  expect(logout?.headers.get("Authorization")).toBe("Bearer token");
});
