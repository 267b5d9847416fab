import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Recovery } from "./recovery";

const restartIce = vi.fn();
const replacePeer = vi.fn();
let connected: boolean;
let recovery: Recovery;

beforeEach(() => {
  vi.useFakeTimers();
  restartIce.mockClear();
  replacePeer.mockClear();
  connected = false;
  recovery = new Recovery({ isConnected: () => connected, restartIce, replacePeer });
});

afterEach(() => {
  vi.useRealTimers();
});

test("lets a short gap heal by itself", () => {
  recovery.state("disconnected");
  vi.advanceTimersByTime(1_400);
  recovery.state("connected");
  vi.advanceTimersByTime(60_000);
  expect(restartIce).not.toHaveBeenCalled();
  expect(replacePeer).not.toHaveBeenCalled();
});

test("restarts ICE when it does not heal, then makes a new connection", () => {
  recovery.state("disconnected");
  vi.advanceTimersByTime(1_500);
  expect(restartIce).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(5_999);
  expect(replacePeer).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(replacePeer).toHaveBeenCalledTimes(1);
});

test("restarts ICE at once when the connection has failed", () => {
  recovery.state("failed");
  expect(restartIce).toHaveBeenCalledTimes(1);
});

test("a restart on a living connection replaces nothing", () => {
  connected = true;
  recovery.restart();
  vi.advanceTimersByTime(60_000);
  expect(restartIce).toHaveBeenCalledTimes(1);
  expect(replacePeer).not.toHaveBeenCalled();
});

test("a new connection has twelve seconds", () => {
  recovery.begin();
  vi.advanceTimersByTime(11_999);
  expect(replacePeer).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(replacePeer).toHaveBeenCalledTimes(1);
});

test("stopped, it mends nothing", () => {
  recovery.state("disconnected");
  recovery.stop();
  vi.advanceTimersByTime(60_000);
  expect(restartIce).not.toHaveBeenCalled();
});
