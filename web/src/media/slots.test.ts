import { beforeEach, expect, test } from "vitest";
import type { Slot } from "@/signaling/messages";
import { Observable } from "@/store/observable";
import type { Picture } from "./picture";
import { SlotBoard } from "./slots";

class FakePicture {
  readonly visible = new Observable(false);
  readonly receiver: RTCRtpReceiver;
  readonly timestamp: number | null;
  closed = false;
  held = 0;

  constructor(receiver: RTCRtpReceiver, timestamp: number | null) {
    this.receiver = receiver;
    this.timestamp = timestamp;
  }

  hold(): void {
    this.held++;
  }

  close(): void {
    this.closed = true;
  }
}

const RECEIVERS = Object.fromEntries(
  ["a0", "a1", "v0", "v1"].map((mid) => [mid, { track: { id: mid } } as RTCRtpReceiver]),
);
const LINES = ["a0", "a1", "v0", "v1"].map((mid, index) => ({
  kind: mid.startsWith("a") ? ("audio" as const) : ("video" as const),
  slot: index % 2,
  mid,
}));

let made: FakePicture[];
let board: SlotBoard;
let revision: number;

beforeEach(() => {
  made = [];
  revision = 0;
  board = new SlotBoard((receiver, timestamp) => {
    const picture = new FakePicture(receiver, timestamp);
    made.push(picture);
    return picture as unknown as Picture;
  });
});

function attach(): void {
  board.attach(LINES, (mid) => RECEIVERS[mid] ?? null);
}

function video(slot: number, track: string | null, timestamp: number | null = 1_000): Slot {
  const participant_id = track && `owner of ${track}`;
  return { kind: "video", slot, track_id: track, participant_id, timestamp, problem: null };
}

function audio(slot: number, track: string | null): Slot {
  return { ...video(slot, track), kind: "audio" };
}

function apply(...slots: Slot[]): void {
  board.apply({ type: "slots", revision: ++revision, slots });
}

function shown(): string[] {
  return [...board.view.get().pictures.keys()];
}

test("shows a track in the slot that carries it, from its timestamp on", () => {
  attach();
  apply(video(0, null), video(1, "ana", 77));
  expect(shown()).toEqual(["ana"]);
  expect(made[0]?.receiver).toBe(RECEIVERS.v1);
  expect(made[0]?.timestamp).toBe(77);
});

test("keeps what the server said until the answer is in", () => {
  apply(video(0, "ana"));
  expect(shown()).toEqual([]);
  attach();
  expect(shown()).toEqual(["ana"]);
});

test("takes the old picture away at once, and never gives it to somebody else", () => {
  attach();
  apply(video(0, "ana"));
  apply(video(0, "ben", 2_000));
  expect(made[0]?.closed).toBe(true);
  expect(made).toHaveLength(2);
  expect(board.view.get().pictures.get("ben")).toBe(made[1]);
  expect(made[1]?.timestamp).toBe(2_000);
  expect(shown()).toEqual(["ben"]);
});

test("two who change places get new pictures both", () => {
  attach();
  apply(video(0, "ana"), video(1, "ben"));
  apply(video(0, "ben", 2_000), video(1, "ana", 3_000));
  expect(made.map((picture) => picture.closed)).toEqual([true, true, false, false]);
  expect(board.view.get().pictures.get("ben")).toBe(made[2]);
  expect(board.view.get().pictures.get("ana")).toBe(made[3]);
});

test("leaves alone what stays", () => {
  attach();
  apply(video(0, "ana"), video(1, "ben"));
  apply(video(0, "ana"), video(1, null));
  expect(made[0]?.closed).toBe(false);
  expect(made[1]?.closed).toBe(true);
  expect(made).toHaveLength(2);
});

test("a used slot without a timestamp shows nobody: whose frame would it be?", () => {
  attach();
  apply(video(0, "ana"));
  apply(video(0, "ben", null));
  expect(shown()).toEqual([]);
  apply(video(0, "ben", 2_000));
  expect(shown()).toEqual(["ben"]);
});

test("a new peer connection begins with empty slots", () => {
  attach();
  apply(video(0, "ana"));
  board.reset();
  expect(made[0]?.closed).toBe(true);
  expect(shown()).toEqual([]);
  apply(video(0, "ana", null));
  expect(shown()).toEqual([]);
  attach();
  expect(shown()).toEqual(["ana"]);
});

test("names what the server cannot send in a codec of ours", () => {
  attach();
  apply({ ...video(0, "ana"), problem: "unsupported_codec" });
  expect(shown()).toEqual([]);
  expect([...board.view.get().unsupported]).toEqual(["ana"]);
});

test("a picture that waits for bandwidth stays, and comes back with a new frame", () => {
  attach();
  apply(video(0, "ana"), video(1, "ben"));
  apply({ ...video(0, "ana"), problem: "bandwidth" }, video(1, "ben"));
  expect([...board.view.get().paused]).toEqual(["ana"]);
  expect([...board.view.get().unsupported]).toEqual([]);
  expect(made.map((picture) => picture.closed)).toEqual([false, false]);
  apply(video(0, "ana"), video(1, "ben"));
  expect([...board.view.get().paused]).toEqual([]);
  expect(made.map((picture) => picture.held)).toEqual([1, 0]);
  expect(made).toHaveLength(2);
});

test("who comes where there is no bandwidth is known, and shown as soon as there is", () => {
  attach();
  apply({ ...video(0, "ana"), problem: "bandwidth" });
  expect(shown()).toEqual(["ana"]);
  expect([...board.view.get().paused]).toEqual(["ana"]);
});

test("gives the sound of each occupied audio slot", () => {
  attach();
  apply(audio(0, "voice"), audio(1, null));
  expect(board.view.get().sounds).toEqual([
    { slot: 0, trackId: "voice", track: RECEIVERS.a0?.track },
  ]);
});

test("holds the picture of one track", () => {
  attach();
  apply(video(0, "ana"), video(1, "ben"));
  board.hold("ben");
  board.hold("nobody");
  expect(made.map((picture) => picture.held)).toEqual([0, 1]);
});
