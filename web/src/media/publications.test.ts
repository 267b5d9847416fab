import { beforeEach, expect, test } from "vitest";
import { SignalingError } from "@/signaling/errors";
import { Publications, type PublicationsPort } from "./publications";

let told: unknown[][];
let failing: boolean;
let mutedByServer: boolean | null;
let publications: Publications;

beforeEach(() => {
  told = [];
  failing = false;
  mutedByServer = null;
  const request = async (type: string, body: { source?: string; muted?: boolean }) => {
    told.push([type, body]);
    if (failing) throw new SignalingError("connection_lost", "");
    if (type !== "publish") return {};
    const muted = mutedByServer ?? body.muted;
    return { track: { id: `id of ${body.source}`, participant_id: "me", ...body, muted } };
  };
  publications = new Publications({
    request: request as PublicationsPort["request"],
    mid: (source) => `mid of ${source}`,
  });
});

test("publishes what is wanted, by its m-line", async () => {
  publications.want("microphone", false);
  publications.want("camera", true);
  await publications.sync();
  expect(told).toEqual([
    ["publish", { source: "microphone", mid: "mid of microphone", muted: false }],
    ["publish", { source: "camera", mid: "mid of camera", muted: true }],
  ]);
  await publications.sync();
  expect(told).toHaveLength(2);
});

test("tells a change only, and only its last state", async () => {
  publications.want("microphone", false);
  await publications.sync();
  publications.want("microphone", true);
  publications.want("microphone", false);
  await publications.sync();
  expect(told).toHaveLength(1);
  publications.want("microphone", true);
  await publications.sync();
  expect(told[1]).toEqual(["mute", { track_id: "id of microphone", muted: true }]);
});

test("tells how large a picture is, and when that changes", async () => {
  publications.want("camera", false, { width: 1280, height: 720 });
  await publications.sync();
  expect(told[0]?.[1]).toMatchObject({ width: 1280, height: 720 });
  publications.want("camera", false, { width: 640, height: 360 });
  await publications.sync();
  await publications.sync();
  expect(told.slice(1)).toEqual([
    ["resize", { track_id: "id of camera", width: 640, height: 360 }],
  ]);
  publications.want("camera", true);
  await publications.sync();
  publications.want("camera", false, { width: 640, height: 360 });
  await publications.sync();
  expect(told.slice(2).map(([type]) => type)).toEqual(["mute", "mute"]);
});

test("knows the tracks that are published", async () => {
  publications.want("camera", false);
  expect(publications.trackId("camera")).toBeNull();
  await publications.sync();
  expect(publications.trackId("camera")).toBe("id of camera");
  publications.forget();
  expect(publications.trackId("camera")).toBeNull();
});

test("takes back what is not wanted any more", async () => {
  publications.want("screen", false);
  await publications.sync();
  publications.want("screen", null);
  await publications.sync();
  expect(told[1]).toEqual(["unpublish", { track_id: "id of screen" }]);
});

test("two syncs at once do not publish twice", async () => {
  publications.want("camera", false);
  await Promise.all([publications.sync(), publications.sync()]);
  expect(told).toHaveLength(1);
});

test("what failed is told by the next sync", async () => {
  publications.want("camera", false);
  failing = true;
  await expect(publications.sync()).rejects.toMatchObject({ code: "connection_lost" });
  failing = false;
  await publications.sync();
  expect(told).toHaveLength(2);
});

test("publishes all again when the server has forgotten", async () => {
  publications.want("camera", true);
  await publications.sync();
  publications.forget();
  await publications.sync();
  expect(told[1]).toEqual(told[0]);
});

test("corrects what the server remembers otherwise", async () => {
  mutedByServer = false;
  publications.want("camera", true);
  await publications.sync();
  expect(told[1]).toEqual(["mute", { track_id: "id of camera", muted: true }]);
});
