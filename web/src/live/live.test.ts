import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Observable } from "@/store/observable";
import { FakeNetwork, settle } from "@/testing/fake-socket";
import { Live } from "./live";
import { Presence } from "./presence";

let network: FakeNetwork;
let token: Observable<string | null>;
let ended: number;
let live: Live;
let release: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  network = new FakeNetwork();
  token = new Observable<string | null>("ana 1");
  ended = 0;
  live = new Live({
    url: "ws://here/ws",
    token,
    accountOf: (text) => text && (text.split(" ")[0] ?? null),
    onEnded: () => {
      ended += 1;
    },
    createSocket: network.createSocket,
    random: () => 1,
  });
  release = live.hold();
});

afterEach(() => {
  release();
  vi.useRealTimers();
});

async function connect(resumed = false): Promise<void> {
  network.latest.accept();
  await network.latest.welcome({ resumed });
}

async function reconnect(resumed: boolean): Promise<void> {
  network.latest.cut();
  await vi.advanceTimersByTimeAsync(400);
  await connect(resumed);
}

test("connects while it is held and somebody is signed in", async () => {
  expect(live.state.get()).toBe("connecting");
  await connect();
  expect(live.state.get()).toBe("online");
  const another = live.hold();
  release();
  release();
  expect(live.state.get()).toBe("online");
  another();
  expect(live.state.get()).toBe("off");
  expect(network.latest.closed).toBe(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(network.sockets).toHaveLength(1);
});

test("stays with a renewed token, and begins anew with another person's", async () => {
  await connect();
  token.set("ana 2");
  expect(network.sockets).toHaveLength(1);
  token.set(null);
  expect(live.state.get()).toBe("off");
  token.set("ben 1");
  expect(network.sockets).toHaveLength(2);
  await connect();
  expect(network.latest.request("authenticate").token).toBe("ben 1");
});

test("hands notices to those who listen for them", async () => {
  const typing = vi.fn();
  const stop = live.on("typing", typing);
  await connect();
  const notice = {
    type: "typing",
    conversation_id: 7,
    author: { user_id: 2, guest_id: null, name: "Ben" },
  } as const;
  network.latest.tell(notice);
  network.latest.tell({ type: "presence", user_id: 2, online: true });
  stop();
  network.latest.tell(notice);
  expect(typing.mock.calls).toEqual([[notice]]);
});

test("says when something was missed: at the beginning, and where nothing was resumed", async () => {
  const anew = vi.fn();
  live.onAnew(anew);
  await connect();
  expect(anew).toHaveBeenCalledTimes(1);
  await reconnect(true);
  expect(anew).toHaveBeenCalledTimes(1);
  await reconnect(false);
  expect(anew).toHaveBeenCalledTimes(2);
});

test("shows that the connection is lost, and does not wait when the network is back", async () => {
  await connect();
  network.latest.cut();
  expect(live.state.get()).toBe("reconnecting");
  live.retryNow();
  expect(network.sockets).toHaveLength(2);
});

test.each([
  ["session_ended", 1],
  ["bad_token", 1],
  ["replaced", 0],
] as const)("%s ends the login %d times", async (reason, times) => {
  await connect();
  network.latest.tell({ type: "closing", reason, message: "" });
  expect(live.state.get()).toBe("off");
  expect(ended).toBe(times);
});

test("a request without a connection fails at once", async () => {
  token.set(null);
  await expect(live.request("ping", {})).rejects.toMatchObject({ code: "connection_lost" });
});

test("asks once for all people that are shown, and again on a new connection", async () => {
  const presence = new Presence(live);
  const asked = () => network.latest.types.filter((type) => type === "watch_presence").length;
  await connect();
  const forget = presence.watch([2, 3]);
  presence.watch([3, 4]);
  await vi.advanceTimersByTimeAsync(100);
  expect(network.latest.request("watch_presence").user_ids).toEqual([2, 3, 4]);
  await network.latest.reply("watch_presence", { online: [3] });
  network.latest.tell({ type: "presence", user_id: 2, online: true });
  network.latest.tell({ type: "presence", user_id: 3, online: false });
  expect([...presence.online.get()]).toEqual([2]);
  forget();
  await vi.advanceTimersByTimeAsync(100);
  expect(network.latest.request("watch_presence").user_ids).toEqual([3, 4]);
  expect(asked()).toBe(2);
  await network.latest.reply("watch_presence", { online: [] });
  await reconnect(false);
  await vi.advanceTimersByTimeAsync(100);
  expect(asked()).toBe(1);
  await network.latest.reply("watch_presence", { online: [4] });
  expect([...presence.online.get()]).toEqual([4]);
  token.set(null);
  await settle();
  expect(presence.online.get().size).toBe(0);
});
