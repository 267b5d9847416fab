// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Joined, ServerMessage, SlotLine } from "@/signaling/messages";
import { FakePeerConnection, fakeMedia } from "@/testing/fake-media";
import { FakeNetwork, type FakeSocket, settle } from "@/testing/fake-socket";
import { LocalMedia } from "./local";
import { saveResume } from "./resume-store";
import { MediaSession } from "./session";

const ENCODING = {
  rid: "f",
  scale_resolution_down_by: 1,
  max_bitrate: 1_700_000,
  max_framerate: null,
  scalability_mode: "L1T3",
};
const HALF = { ...ENCODING, rid: "h", scale_resolution_down_by: 2, scalability_mode: null };
const JOINED: Joined = {
  participant_id: "me",
  role: "participant",
  conversation_id: null,
  meeting: {
    id: "m",
    title: "Round table",
    invite_url: "http://here/m/m",
    guests_allowed: true,
    lobby: "off",
    locked: false,
    password_required: false,
  },
  ice_servers: [{ urls: ["turn:relay.example.org"], username: "1:me", credential: "x" }],
  policy: {
    camera: { codecs: ["VP8"], encodings: [HALF, ENCODING] },
    screen: { codecs: ["VP8"], encodings: [ENCODING] },
    audio_codecs: ["opus", "red"],
    audio_slots: 4,
    video_slots: 1,
    max_slots: 3,
  },
  participants: [
    { id: "ben", name: "Ben", guest: false, user_id: 2, role: "host", hand: null, tracks: [] },
  ],
};
/** Four sending lines, four audio slots, one video slot. */
const LINES: SlotLine[] = [
  { kind: "audio", slot: 0, mid: "4" },
  { kind: "video", slot: 0, mid: "8" },
];
const MICROPHONE = "0";
const CAMERA = "1";
const SCREEN = "2";

let network: FakeNetwork;
let local: LocalMedia;
let session: MediaSession;

beforeEach(async () => {
  vi.useFakeTimers();
  fakeMedia();
  network = new FakeNetwork();
  local = new LocalMedia();
  await local.open();
  session = newSession();
});

afterEach(() => {
  session.leave();
  local.close();
  sessionStorage.clear();
  localStorage.clear();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function newSession(): MediaSession {
  return new MediaSession(
    {
      url: "ws://here/ws",
      token: () => "token",
      meetingId: "m",
      createSocket: network.createSocket,
      random: () => 1,
    },
    local,
  );
}

/** Answers whatever the client asks, as a server does, until it asks no more. */
async function serve(socket: FakeSocket): Promise<void> {
  const answered = new Set<number>();
  for (;;) {
    await settle();
    const request = socket.received.find(
      ({ id, type }) => type !== "authenticate" && !answered.has(id),
    );
    if (!request) return;
    answered.add(request.id);
    socket.tell({ type: "reply", id: request.id, result: { ...resultOf(request) } });
  }
}

function resultOf(request: FakeSocket["received"][number]): object {
  switch (request.type) {
    case "join":
      return { joined: JOINED, elsewhere: null };
    case "offer":
      return { sdp: "answer", slots: LINES };
    case "publish": {
      const { source, muted = false } = request;
      return { track: { id: `my ${source}`, participant_id: "me", source, muted } };
    }
    default:
      return {};
  }
}

async function enter(): Promise<FakeSocket> {
  session.start();
  const socket = network.latest;
  socket.accept();
  await socket.welcome();
  await serve(socket);
  FakePeerConnection.latest.become("connected");
  return socket;
}

async function reconnect(resumed: boolean): Promise<FakeSocket> {
  network.latest.cut();
  await vi.advanceTimersByTimeAsync(400);
  const socket = network.latest;
  socket.accept();
  await socket.welcome({ resumed, secret: "rotated-0123456789" });
  await serve(socket);
  return socket;
}

/** The track a sending line carries. */
function sent(mid: string): unknown {
  return FakePeerConnection.latest.transceivers[Number(mid)]?.sender.track ?? null;
}

function slots(revision: number, track: string | null): ServerMessage {
  const slot = {
    kind: "video" as const,
    slot: 0,
    track_id: track,
    participant_id: track && "ben",
    timestamp: track ? 1_000 : null,
    problem: null,
  };
  return { type: "slots", revision, slots: [slot] };
}

test("joins, offers once, and publishes by the m-lines of the offer", async () => {
  const socket = await enter();
  expect(socket.types).toEqual(["authenticate", "join", "offer", "publish", "publish"]);
  const [microphone, camera] = socket.received.filter(({ type }) => type === "publish");
  expect(microphone).toMatchObject({ source: "microphone", mid: MICROPHONE, muted: false });
  const size = { width: 1280, height: 720 };
  expect(camera).toMatchObject({ source: "camera", mid: CAMERA, muted: false, ...size });
  expect(sent(MICROPHONE)).toBe(local.state.get().microphone.track);
  expect(sent(CAMERA)).toBe(local.state.get().camera.track);
  expect(sent(SCREEN)).toBeNull();
  expect(session.state.get()).toMatchObject({
    phase: "joined",
    selfId: "me",
    selfName: "Ana",
    connection: "online",
    media: "connected",
  });
  expect([...session.state.get().roster.keys()]).toEqual(["ben"]);
});

test("finds its way by the servers it is told of", async () => {
  await enter();
  expect(FakePeerConnection.latest.configuration.iceServers).toEqual(JOINED.ice_servers);
});

test("has begun its offer before the meeting is drawn", async () => {
  const offers: (string | undefined)[] = [];
  const draw = () => offers.push(session.connection?.localDescription?.sdp);
  session.state.subscribe(() => {
    if (session.state.get().phase === "joined") queueMicrotask(draw); // when React does
  });
  await enter();
  expect(offers[0]).toBe("offer of 9 lines");
});

test("tells that the server is about to stop, until it is back", async () => {
  const socket = await enter();
  socket.tell({ type: "server_stopping", seconds: 60 });
  expect(session.state.get().stopping).toBe(true);
  await reconnect(false);
  expect(session.state.get()).toMatchObject({ phase: "joined", stopping: false });
});

test("makes all transceivers at once, as the policy says", async () => {
  await enter();
  const { transceivers } = FakePeerConnection.latest;
  expect(transceivers.map(({ kind, init }) => `${kind} ${init.direction}`)).toEqual([
    "audio sendonly",
    "video sendonly",
    "video sendonly",
    "audio sendonly",
    ...Array(4).fill("audio recvonly"),
    "video recvonly",
  ]);
  expect(transceivers[1]?.init.sendEncodings).toEqual([
    { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 1_700_000 },
    { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_700_000, scalabilityMode: "L1T3" },
  ]);
  expect(transceivers[1]?.codecs).toEqual(["video/VP8", "video/rtx"]);
  expect(transceivers[4]?.codecs).toEqual(["audio/opus", "audio/red"]);
});

test("does without layers inside an encoding where the browser refuses them", async () => {
  FakePeerConnection.refuses = (encodings) => encodings.some((one) => "scalabilityMode" in one);
  await enter();
  expect(FakePeerConnection.latest.transceivers[1]?.init.sendEncodings).toEqual([
    { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 1_700_000 },
    { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_700_000 },
  ]);
});

/** Rids of what the camera's line sends. */
function active(): string[] {
  const encodings = FakePeerConnection.latest.transceivers[Number(CAMERA)]?.encodings ?? [];
  return encodings.flatMap(({ rid, active }) => (active && rid ? [rid] : []));
}

function encodings(tracks: Record<string, string[]>): ServerMessage {
  return { type: "encodings", tracks };
}

test("sends only what somebody takes, as the server says it", async () => {
  const socket = await enter();
  expect(active()).toEqual(["h", "f"]);
  socket.tell(encodings({ "my camera": ["h"] }));
  await settle();
  expect(active()).toEqual(["h"]);
  socket.tell(encodings({ "my camera": [] }));
  await settle();
  expect(active()).toEqual([]);
  socket.tell(encodings({}));
  await settle();
  expect(active()).toEqual(["h", "f"]);
});

test("what is taken is known before the track is, and holds on the next connection", async () => {
  session.start();
  network.latest.accept();
  await network.latest.welcome();
  await network.latest.reply("join", { joined: JOINED, elsewhere: null });
  network.latest.tell(encodings({ "my camera": ["h"] }));
  await serve(network.latest);
  expect(active()).toEqual(["h"]);
  const before = FakePeerConnection.latest;
  network.latest.tell({ type: "media", state: "closed", reason: "silent" });
  await serve(network.latest);
  expect(FakePeerConnection.latest).not.toBe(before);
  expect(active()).toEqual(["h"]);
});

test("tells when the picture has another size", async () => {
  const socket = await enter();
  Object.assign(local.state.get().camera.track?.getSettings() ?? {}, { width: 640, height: 360 });
  await vi.advanceTimersByTimeAsync(2_000);
  await serve(socket);
  expect(socket.request("resize")).toMatchObject({
    track_id: "my camera",
    width: 640,
    height: 360,
  });
});

test("knows who speaks, and who leads", async () => {
  const socket = await enter();
  socket.tell({ type: "speaker", track_id: "mic of ben", participant_id: "ben" });
  expect(session.state.get().speaker).toBe("ben");
  expect(session.conversation.leaders.get()).toEqual(["ben"]);
  socket.tell({ type: "speaker", track_id: null, participant_id: null });
  expect(session.state.get().speaker).toBeNull();
  expect(session.conversation.leaders.get()).toEqual(["ben"]);
});

test("receives no pictures while nobody can see the page", async () => {
  const socket = await enter();
  session.view.show(
    [
      {
        tile: { trackId: "a", source: "camera", live: true } as never,
        box: { x: 0, y: 0, width: 100, height: 100 },
      },
    ],
    1,
  );
  await vi.advanceTimersByTimeAsync(60);
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  document.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(3_000);
  expect(socket.request("view").tracks).toEqual([]);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(socket.request("view").tracks).toHaveLength(1);
});

test("publishes nothing before there are m-lines, however early a device comes", async () => {
  local.close();
  session.start();
  const socket = network.latest;
  socket.accept();
  await socket.welcome();
  await socket.reply("join", { joined: JOINED, elsewhere: null });
  await local.open();
  await settle();
  expect(socket.types).toEqual(["authenticate", "join", "offer"]);
  await serve(socket);
  const published = socket.received.flatMap((r) => (r.type === "publish" ? [r.mid] : []));
  expect(published).toEqual([MICROPHONE, CAMERA]);
});

test("mutes at once on the line, then tells it; nothing is negotiated", async () => {
  const socket = await enter();
  await local.turn("microphone", false);
  expect(sent(MICROPHONE)).toBeNull();
  await serve(socket);
  expect(socket.request("mute")).toMatchObject({ track_id: "my microphone", muted: true });
  await local.turn("microphone", true);
  expect(sent(MICROPHONE)).toBe(local.state.get().microphone.track);
  await serve(socket);
  expect(socket.request("mute")).toMatchObject({ track_id: "my microphone", muted: false });
  expect(socket.types.filter((type) => type === "offer")).toHaveLength(1);
});

test("shares a screen and takes it back", async () => {
  const socket = await enter();
  await local.shareScreen();
  expect(sent(SCREEN)).toBe(local.state.get().screen?.video);
  await serve(socket);
  const published = socket.received.flatMap((r) => (r.type === "publish" ? [r.source] : []));
  expect(published).toEqual(["microphone", "camera", "screen", "screen_audio"]);
  local.stopScreen();
  expect(sent(SCREEN)).toBeNull();
  await serve(socket);
  expect(socket.types.filter((type) => type === "unpublish")).toHaveLength(2);
});

test("takes a picture away before it tells that it has", async () => {
  const socket = await enter();
  socket.tell(slots(1, "cam of ben"));
  const picture = session.slots.view.get().pictures.get("cam of ben");
  expect(picture).toBeDefined();
  const shownWhenTold: unknown[] = [];
  const send = socket.send.bind(socket);
  socket.send = (text) => {
    shownWhenTold.push([JSON.parse(text).revision, picture?.element.srcObject]);
    send(text);
  };
  socket.tell(slots(2, null));
  await settle();
  expect(shownWhenTold).toEqual([[2, null]]);
});

test("media and mute states survive a lost socket", async () => {
  await enter();
  const before = FakePeerConnection.latest;
  network.latest.cut();
  expect(session.state.get().connection).toBe("reconnecting");
  await local.turn("camera", false);
  await vi.advanceTimersByTimeAsync(400);
  const socket = network.latest;
  socket.accept();
  await socket.welcome({ resumed: true });
  await serve(socket);
  expect(FakePeerConnection.latest).toBe(before);
  expect(socket.types).toEqual(["authenticate", "mute"]);
  expect(socket.request("mute")).toMatchObject({ track_id: "my camera", muted: true });
});

test("forgotten by the server, joins anew with all it gave", async () => {
  await enter();
  await local.turn("microphone", false);
  await local.shareScreen();
  await serve(network.latest);
  const before = FakePeerConnection.latest;
  const socket = await reconnect(false);
  expect(before.connectionState).toBe("closed");
  expect(FakePeerConnection.latest).not.toBe(before);
  expect(socket.types.slice(0, 3)).toEqual(["authenticate", "join", "offer"]);
  const published = socket.received.flatMap((request) =>
    request.type === "publish" ? [[request.source, request.muted]] : [],
  );
  expect(published).toEqual([
    ["microphone", true],
    ["camera", false],
    ["screen", false],
    ["screen_audio", false],
  ]);
  expect(sent(SCREEN)).toBe(local.state.get().screen?.video);
  expect(session.state.get().phase).toBe("joined");
});

test("an offer whose answer was lost is made again", async () => {
  session.start();
  network.latest.accept();
  await network.latest.welcome();
  await network.latest.reply("join", { joined: JOINED, elsewhere: null });
  expect(network.latest.types).toContain("offer");
  const socket = await reconnect(true);
  expect(socket.types).toEqual(["authenticate", "offer", "publish", "publish"]);
});

test("a join whose answer was lost begins again", async () => {
  session.start();
  network.latest.accept();
  await network.latest.welcome();
  network.latest.cut();
  await vi.advanceTimersByTimeAsync(400);
  const socket = network.latest;
  socket.accept();
  await socket.welcome({ resumed: true });
  await socket.refuse("join", "already_joined");
  await serve(socket);
  expect(socket.types.slice(1, 5)).toEqual(["join", "leave", "join", "offer"]);
  expect(session.state.get().phase).toBe("joined");
});

test("after a reload takes its old place", async () => {
  saveResume("m", { session_id: "old", secret: "secret-of-the-old-one" });
  session = newSession();
  const socket = await enter();
  expect(socket.request("join").replaces).toEqual({
    session_id: "old",
    secret: "secret-of-the-old-one",
  });
});

test("enters also where the old place is not to be had any more", async () => {
  saveResume("m", { session_id: "old", secret: "secret-of-the-old-one" });
  session = newSession();
  session.start();
  const socket = network.latest;
  socket.accept();
  await socket.welcome();
  await socket.refuse("join", "forbidden");
  expect(socket.request("join").replaces).toBeUndefined();
  await serve(socket);
  expect(session.state.get().phase).toBe("joined");
});

/** In the lobby. */
async function wait(): Promise<FakeSocket> {
  session.start();
  const socket = network.latest;
  socket.accept();
  await socket.welcome();
  await settle();
  const join = socket.received.find(({ type }) => type === "join");
  const result = { joined: null, elsewhere: null, waiting: { title: "Round table" } };
  socket.tell({ type: "reply", id: join?.id ?? -1, result });
  await settle();
  return socket;
}

test("waits in the lobby until it is let in", async () => {
  const socket = await wait();
  expect(session.state.get()).toMatchObject({ phase: "waiting", title: "Round table" });
  expect(FakePeerConnection.all).toHaveLength(0);
  socket.tell({ type: "admitted", event: 1, joined: JOINED });
  await serve(socket);
  expect(session.state.get().phase).toBe("joined");
  expect(socket.received.map(({ type }) => type)).toContain("publish");
});

test("keeps its place in the lobby over a lost connection", async () => {
  await wait();
  const socket = await reconnect(true);
  expect(socket.received.map(({ type }) => type)).toEqual(["authenticate"]);
  expect(session.state.get().phase).toBe("waiting");
});

test.each([
  ["refused", "refused"],
  ["full", "meeting_full"],
] as const)("who is sent away from the lobby is told why: %s", async (reason, failure) => {
  const socket = await wait();
  socket.tell({ type: "refused", event: 1, reason });
  expect(session.state.get()).toMatchObject({ phase: "failed", failure });
});

test("who is put out is told why", async () => {
  const socket = await enter();
  socket.tell({ type: "removed", event: 1, reason: "removed" });
  expect(session.state.get()).toMatchObject({ phase: "failed", failure: "removed" });
});

test("muted by a host, the device is off here too", async () => {
  const socket = await enter();
  socket.tell({ type: "tracks_muted", event: 1, track_ids: ["my microphone"], by: "ben" });
  await serve(socket);
  expect(local.state.get().microphone.on).toBe(false);
  expect(local.state.get().camera.on).toBe(true);
});

test("knows what one is in the meeting, and who asks to come in", async () => {
  const socket = await enter();
  const dora = { id: "d", name: "Dora", guest: true, user_id: null };
  socket.tell({ type: "role_changed", event: 1, participant_id: "ben", role: "cohost" });
  expect(session.state.get()).toMatchObject({ role: "participant", hand: null, lobby: [] });
  socket.tell({ type: "role_changed", event: 2, participant_id: "me", role: "host" });
  socket.tell({ type: "lobby", people: [dora] });
  socket.tell({ type: "hand", event: 3, participant_id: "me", hand: 4 });
  expect(session.state.get()).toMatchObject({ role: "host", hand: 4, lobby: [dora] });
  socket.tell({ type: "role_changed", event: 4, participant_id: "me", role: "participant" });
  expect(session.state.get().lobby).toEqual([]);
});

test("hands on what is told, and says when something may have been missed", async () => {
  const heard: string[] = [];
  session.events.on("participant_left", ({ participant_id: id }) =>
    heard.push(`${session.state.get().roster.get(id)?.name} leaves`),
  );
  session.events.onAnew(() => heard.push("anew"));
  const socket = await enter();
  socket.tell({ type: "participant_left", event: 1, participant_id: "ben", reason: "left" });
  await reconnect(true);
  expect(heard).toEqual(["anew", "Ben leaves"]);
  await reconnect(false);
  expect(heard).toEqual(["anew", "Ben leaves", "anew"]);
});

test("a refusal ends it, and says why", async () => {
  session.start();
  const socket = network.latest;
  socket.accept();
  await socket.welcome();
  await socket.refuse("join", "forbidden");
  expect(session.state.get()).toMatchObject({ phase: "failed", failure: "forbidden" });
  expect(socket.closed).toBe(true);
});

test("replaced from another tab, it steps back", async () => {
  const socket = await enter();
  socket.tell({ type: "closing", reason: "replaced", message: "" });
  expect(session.state.get()).toMatchObject({ phase: "failed", failure: "replaced" });
  expect(FakePeerConnection.latest.connectionState).toBe("closed");
});

test("a broken way is mended by an ICE restart on the same connection", async () => {
  const socket = await enter();
  const peer = FakePeerConnection.latest;
  peer.become("disconnected");
  expect(session.state.get().media).toBe("interrupted");
  await vi.advanceTimersByTimeAsync(1_500);
  await serve(socket);
  expect(peer.restarts).toBe(1);
  expect(socket.types.filter((type) => type === "offer")).toHaveLength(2);
  peer.become("connected");
  await vi.advanceTimersByTimeAsync(12_000);
  expect(FakePeerConnection.latest).toBe(peer);
  expect(session.state.get().media).toBe("connected");
});

test("a broken way without signaling is mended when that is back", async () => {
  await enter();
  const peer = FakePeerConnection.latest;
  network.latest.cut();
  peer.become("disconnected");
  await vi.advanceTimersByTimeAsync(300);
  expect(peer.restarts).toBe(0);
  await vi.advanceTimersByTimeAsync(100);
  const socket = network.latest;
  socket.accept();
  await socket.welcome({ resumed: true });
  await vi.advanceTimersByTimeAsync(1_500);
  expect(peer.restarts).toBe(1);
  expect(socket.types).toContain("offer");
});

test("a connection the server has closed is replaced, with everything on it", async () => {
  const socket = await enter();
  const before = FakePeerConnection.latest;
  socket.tell(slots(1, "cam of ben"));
  socket.tell({ type: "media", state: "closed", reason: "silent" });
  await serve(socket);
  expect(before.connectionState).toBe("closed");
  expect(FakePeerConnection.latest).not.toBe(before);
  expect(sent(CAMERA)).toBe(local.state.get().camera.track);
  expect(session.slots.view.get().pictures.size).toBe(0);
  expect(socket.types.filter((type) => type === "offer")).toHaveLength(2);
});

test("offers more slots when the view needs them, as far as the server allows", async () => {
  const socket = await enter();
  const tracks = ["a", "b", "c", "d", "e"];
  session.view.show(
    tracks.map((trackId) => ({
      tile: { trackId, source: "camera", live: true } as never,
      box: { x: 0, y: 0, width: 100, height: 100 },
    })),
    1,
  );
  await vi.advanceTimersByTimeAsync(60);
  await serve(socket);
  const videos = FakePeerConnection.latest.transceivers.filter(
    ({ kind, init }) => kind === "video" && init.direction === "recvonly",
  );
  expect(videos).toHaveLength(3);
  expect(socket.types.filter((type) => type === "offer")).toHaveLength(2);
});

test("says goodbye when it leaves, and when the page goes", async () => {
  const socket = await enter();
  window.dispatchEvent(new Event("pagehide"));
  expect(socket.types.at(-1)).toBe("leave");
  expect(session.state.get().phase).toBe("joined");
  session.leave();
  expect(session.state.get().phase).toBe("left");
  expect(socket.closed).toBe(true);
  expect(FakePeerConnection.latest.connectionState).toBe("closed");
  expect(sessionStorage.length).toBe(0);
});
