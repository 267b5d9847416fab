// @vitest-environment happy-dom
import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Avatar } from "@/components/avatar";
import { FormError } from "@/components/form-error";
import { languageChoice } from "@/i18n/language";
import { SignalingError } from "@/signaling/errors";
import { fakeServer } from "@/testing/fake-server";
import { renderAt } from "@/testing/render";
import { accountOf, signIn, signOut } from "./account";
import { ApiError, answered, api } from "./client";
import { forgetOnSignOut, newQueryClient } from "./query-client";
import { ifMatch, makeOnce, newKey } from "./requests";

afterEach(() => {
  cleanup();
  signOut();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function tokenOf(sub: string, exp: number): string {
  return `e30.${btoa(JSON.stringify({ sub, exp }))}.c2ln`;
}

test("an answer without a body is no error", async () => {
  fakeServer({ "POST /auth/logout": [204] });
  expect(await answered(api.POST("/auth/logout"))).toBeUndefined();
});

test("a problem tells its status, its fields and how long to wait", async () => {
  const errors = [{ field: "name", message: "is too long" }];
  vi.stubGlobal("fetch", async () => {
    const headers = { "Retry-After": "7" };
    return Response.json(
      { detail: "Some fields are not valid.", errors },
      { status: 429, headers },
    );
  });
  const edit = { params: { header: ifMatch(3) }, body: { name: "x" } };
  const error = await answered(api.PATCH("/users/me", edit)).catch((problem) => problem);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 429, retryAfter: 7, fields: { name: "is too long" } });
});

test.each([
  ["en", "forbidden", "Only hosts can do that."],
  ["de", "forbidden", "Das ist nicht erlaubt."],
  ["de", "connection_lost", /nicht zu erreichen/],
] as const)("in %s a refused request over the socket says %s in words", (chosen, code, said) => {
  languageChoice.set(chosen);
  renderAt("/", <FormError error={new SignalingError(code, "Only hosts can do that.")} />);
  expect(screen.getByRole("alert").textContent).toMatch(said);
  languageChoice.set("en");
});

test("no answer at all is a problem of status 0", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
  const error = await answered(api.GET("/users/me")).catch((problem) => problem);
  expect(error).toMatchObject({ status: 0, transient: true });
});

test("what gets no answer is sent again under the same key", async () => {
  vi.useFakeTimers();
  const keys: string[] = [];
  const made = makeOnce(async (header) => {
    keys.push(header["Idempotency-Key"]);
    if (keys.length < 3) throw new ApiError(0, undefined);
    return "made";
  });
  await vi.runAllTimersAsync();
  expect(await made).toBe("made");
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
});

test("keys are never the same", () => {
  expect(newKey()).toMatch(/^[0-9a-f]{32}$/);
  expect(newKey()).not.toBe(newKey());
});

test("a no is taken as one", async () => {
  const send = vi.fn(() => Promise.reject(new ApiError(422, undefined)));
  await expect(makeOnce(send)).rejects.toMatchObject({ status: 422 });
  expect(send).toHaveBeenCalledTimes(1);
});

test("what one person saw is gone when he signs out, and stays when a token is renewed", () => {
  signIn(tokenOf("1", 1));
  const client = newQueryClient();
  forgetOnSignOut(client);
  client.setQueryData(["secret"], 42);
  signIn(tokenOf("1", 2));
  expect(client.getQueryData(["secret"])).toBe(42);
  signOut();
  expect(client.getQueryData(["secret"])).toBeUndefined();
  expect(accountOf("no token")).toBe("no token");
});

test("shows a picture that is given to members only, and initials until it is there", async () => {
  signIn("token");
  const asked: (string | null)[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(request.headers.get("Authorization"));
    return new Response(new Blob(["picture"], { type: "image/webp" }));
  });
  renderAt("/", <Avatar name="Ana Torres" picture="/users/1/avatar?v=1" />);
  expect(screen.getByText("AT")).toBeTruthy();
  await vi.waitFor(() => expect(screen.queryByText("AT")).toBeNull());
  expect(document.querySelector("img")?.src).toMatch(/^data:image\/webp;base64,/);
  expect(asked).toEqual(["Bearer token"]);
});
