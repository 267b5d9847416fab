import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeNetwork, settle } from "@/testing/fake-socket";
import type { Notice } from "./messages";
import { SignalingSocket } from "./socket";

let network: FakeNetwork;
let notices: Notice[];
let online: boolean[];
let socket: SignalingSocket;
let token: string;

beforeEach(() => {
  vi.useFakeTimers();
  network = new FakeNetwork();
  notices = [];
  online = [];
  token = "token";
  socket = new SignalingSocket(
    {
      url: "ws://here/ws",
      token: () => token,
      createSocket: network.createSocket,
      random: () => 1,
    },
    { online: (resumed) => online.push(resumed), notice: (notice) => notices.push(notice) },
  );
});

afterEach(() => {
  socket.close();
  vi.useRealTimers();
});

async function connect(): Promise<void> {
  socket.open();
  network.latest.accept();
  await network.latest.welcome();
}

function left(event: number): Notice {
  return { type: "participant_left", event, participant_id: "ben", reason: "left" };
}

test("authenticates before anything else, without the token in the address", async () => {
  socket.open();
  expect(network.latest.received).toEqual([]);
  network.latest.accept();
  expect(network.latest.url).toBe("ws://here/ws");
  expect(network.latest.received).toEqual([{ id: 1, type: "authenticate", token: "token" }]);
  expect(socket.state.get().name).toBe("connecting");
  await network.latest.welcome();
  expect(socket.state.get().name).toBe("online");
  expect(online).toEqual([false]);
});

test("gives each reply to the request with its id", async () => {
  await connect();
  const first = socket.request("publish", { source: "camera", mid: "1" });
  const second = socket.request("offer", { sdp: "v=0" });
  const track = { id: "t", participant_id: "p", source: "camera", muted: false } as const;
  network.latest.tell({ type: "reply", id: 3, result: { sdp: "answer", slots: [] } });
  network.latest.tell({ type: "reply", id: 2, result: { track } });
  expect(await first).toEqual({ track });
  expect(await second).toEqual({ sdp: "answer", slots: [] });
});

test("rejects with the server's code", async () => {
  await connect();
  const request = socket.request("join", { meeting_id: "m" });
  const outcome = expect(request).rejects.toMatchObject({ code: "forbidden" });
  await network.latest.refuse("join", "forbidden");
  await outcome;
});

test("a request without a reply fails after ten seconds", async () => {
  await connect();
  const outcome = expect(socket.request("leave", {})).rejects.toMatchObject({ code: "timeout" });
  await vi.advanceTimersByTimeAsync(10_000);
  await outcome;
  expect(socket.state.get().name).toBe("online");
});

test("without a connection a request fails at once", async () => {
  await expect(socket.request("leave", {})).rejects.toMatchObject({ code: "connection_lost" });
});

test("what was under way when the connection broke fails", async () => {
  await connect();
  const outcome = expect(socket.request("leave", {})).rejects.toMatchObject({
    code: "connection_lost",
  });
  network.latest.cut();
  await outcome;
  expect(socket.state.get().name).toBe("reconnecting");
});

test("resumes with the latest secret and the last event", async () => {
  await connect();
  network.latest.tell(left(1));
  network.latest.tell(left(2));
  network.latest.cut();
  await vi.advanceTimersByTimeAsync(400);
  network.latest.accept();
  expect(network.latest.request("authenticate").resume).toEqual({
    session_id: "session",
    secret: "secret-0123456789",
    last_event: 2,
  });
  await network.latest.welcome({ resumed: true, secret: "another-0123456789" });
  expect(online).toEqual([false, true]);

  network.latest.cut();
  await vi.advanceTimersByTimeAsync(400);
  network.latest.accept();
  expect(network.latest.request("authenticate").resume?.secret).toBe("another-0123456789");
});

test("a replayed event is not told twice", async () => {
  await connect();
  network.latest.tell(left(1));
  network.latest.cut();
  await vi.advanceTimersByTimeAsync(400);
  network.latest.accept();
  await network.latest.welcome({ resumed: true });
  network.latest.tell(left(1));
  network.latest.tell(left(2));
  expect(notices).toEqual([left(1), left(2)]);
});

test("after a fresh start events count from one again", async () => {
  await connect();
  network.latest.tell(left(1));
  network.latest.cut();
  await vi.advanceTimersByTimeAsync(400);
  network.latest.accept();
  await network.latest.welcome({ resumed: false });
  network.latest.tell(left(1));
  expect(online).toEqual([false, false]);
  expect(notices).toEqual([left(1), left(1)]);
});

test("waits longer after each failed attempt, but no longer than five seconds", async () => {
  await connect();
  for (const pause of [400, 800, 1_600, 3_200, 5_000, 5_000]) {
    const attempts = network.sockets.length;
    network.latest.cut();
    await vi.advanceTimersByTimeAsync(pause - 1);
    expect(network.sockets).toHaveLength(attempts);
    await vi.advanceTimersByTimeAsync(1);
    expect(network.sockets).toHaveLength(attempts + 1);
  }
});

test("spreads attempts over the upper half of the pause", async () => {
  const early = new SignalingSocket(
    { url: "ws://here/ws", token: () => "t", createSocket: network.createSocket, random: () => 0 },
    { online: () => undefined, notice: () => undefined },
  );
  early.open();
  network.latest.cut();
  await vi.advanceTimersByTimeAsync(199);
  expect(network.sockets).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(network.sockets).toHaveLength(2);
  early.close();
});

test("gives up an attempt that does not open within ten seconds", async () => {
  socket.open();
  const first = network.latest;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(first.closed).toBe(true);
  await vi.advanceTimersByTimeAsync(400);
  expect(network.sockets).toHaveLength(2);
});

test("does not wait when the network is back", async () => {
  await connect();
  network.latest.cut();
  socket.retryNow();
  expect(network.sockets).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(400);
  expect(network.sockets).toHaveLength(2);
});

test("pings after silence, and hangs up when nobody answers", async () => {
  await connect();
  await vi.advanceTimersByTimeAsync(14_999);
  expect(network.latest.types).not.toContain("ping");
  await vi.advanceTimersByTimeAsync(1);
  await network.latest.reply("ping");
  await vi.advanceTimersByTimeAsync(15_000);
  expect(network.latest.types.filter((type) => type === "ping")).toHaveLength(2);
  expect(socket.state.get().name).toBe("online");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(socket.state.get().name).toBe("reconnecting");
});

test("comes back with the token of then", async () => {
  await connect();
  token = "renewed";
  network.latest.cut();
  await vi.advanceTimersByTimeAsync(400);
  network.latest.accept();
  expect(network.latest.request("authenticate").token).toBe("renewed");
});

test("does not come back with a token that is refused", async () => {
  socket.open();
  network.latest.accept();
  await network.latest.refuse("authenticate", "bad_token");
  expect(socket.state.get()).toEqual({ name: "closed", reason: "bad_token" });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(network.sockets).toHaveLength(1);
});

test.each(["replaced", "session_ended"] as const)("%s is final", async (reason) => {
  await connect();
  network.latest.tell({ type: "closing", reason, message: "" });
  network.latest.cut();
  expect(socket.state.get()).toEqual({ name: "closed", reason });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(network.sockets).toHaveLength(1);
});

test.each([
  ["server_stopping", 500],
  ["too_slow", 1_000],
  ["too_many_requests", 5_000],
] as const)("comes back after %s, %d ms later than else", async (reason, extra) => {
  await connect();
  network.latest.tell({ type: "closing", reason, message: "" });
  network.latest.cut();
  await vi.advanceTimersByTimeAsync(extra + 399);
  expect(network.sockets).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(network.sockets).toHaveLength(2);
});

test("closed means closed", async () => {
  await connect();
  socket.close();
  await settle();
  expect(network.latest.closed).toBe(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(network.sockets).toHaveLength(1);
});
