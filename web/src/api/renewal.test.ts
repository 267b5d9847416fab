import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { expiryOf, Renewal } from "./renewal";

const HOUR = 3_600_000;
let token: string | null;
let asked: string[];
let answer: () => Promise<string>;
let renewal: Renewal;

function tokenFor(milliseconds: number): string {
  const claims = { sub: "1", exp: Math.floor((Date.now() + milliseconds) / 1_000) };
  return `e30.${btoa(JSON.stringify(claims)).replace(/=+$/, "")}.c2ln`;
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  asked = [];
  token = tokenFor(HOUR);
  answer = async () => tokenFor(HOUR);
  renewal = new Renewal({
    token: () => token,
    renew: (old) => {
      asked.push(old);
      return answer();
    },
    keep: (next) => {
      token = next;
    },
  });
});

afterEach(() => {
  renewal.stop();
  vi.useRealTimers();
});

test("renews when half of the time is over, again and again", async () => {
  const first = token;
  renewal.start();
  await vi.advanceTimersByTimeAsync(HOUR / 2 - 1_000);
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked).toEqual([first]);
  expect(token).not.toBe(first);
  await vi.advanceTimersByTimeAsync(HOUR);
  expect(asked.length).toBeGreaterThan(1);
});

test("what fails is tried again in time", async () => {
  answer = () => Promise.reject(new Error("no network"));
  renewal.start();
  await vi.advanceTimersByTimeAsync(HOUR - 1);
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.length).toBeLessThan(20);
  expect(new Set(asked)).toEqual(new Set([token]));
  await vi.advanceTimersByTimeAsync(HOUR);
  const tries = asked.length;
  await vi.advanceTimersByTimeAsync(HOUR);
  expect(asked).toHaveLength(tries);
});

test("a token that was given up meanwhile does not come back", async () => {
  renewal.start();
  answer = async () => {
    token = null;
    return tokenFor(HOUR);
  };
  await vi.advanceTimersByTimeAsync(HOUR);
  expect(token).toBeNull();
  expect(asked).toHaveLength(1);
});

test("without a token there is nothing to renew", async () => {
  for (const none of [null, "", "no token", "a.b.c", tokenFor(-HOUR)]) {
    token = none;
    renewal.start();
  }
  await vi.advanceTimersByTimeAsync(2 * HOUR);
  expect(asked).toEqual([]);
});

test("reads when a token expires", () => {
  expect(expiryOf(tokenFor(0))).toBe(Date.now());
  expect(expiryOf(`e30.${btoa("null")}.x`)).toBeNull();
  expect(expiryOf(`e30.${btoa('{"exp":"1"}')}.x`)).toBeNull();
});
