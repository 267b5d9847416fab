import { expect, test } from "vitest";
import { compare, type Report } from "./statistics";

function report(...entries: { id: string; type: string }[]): Report {
  return new Map(entries.map((entry) => [entry.id, { timestamp: 0, ...entry }]));
}

const CARRIED = new Map([["r1", "camera"]]);
const CODEC = { id: "C1", type: "codec", mimeType: "video/VP8" };
const CAMERA = {
  id: "I1",
  type: "inbound-rtp",
  kind: "video",
  codecId: "C1",
  trackIdentifier: "r1",
};
const VOICE = { id: "I2", type: "inbound-rtp", kind: "audio", trackIdentifier: "r2" };

test("what comes: rates, loss, size, and how long the picture stood", () => {
  const before = report(CODEC, {
    ...CAMERA,
    bytesReceived: 1_000,
    packetsReceived: 100,
    packetsLost: 3,
    totalFreezesDuration: 1,
  } as never);
  const after = report(CODEC, {
    ...CAMERA,
    timestamp: 2_000,
    bytesReceived: 251_000,
    packetsReceived: 190,
    packetsLost: 13,
    totalFreezesDuration: 1.5,
    frameWidth: 640,
    frameHeight: 360,
    framesPerSecond: 24,
  } as never);
  const { inbound, received, lossIn } = compare(before, after, CARRIED);
  expect(inbound).toEqual([
    {
      kind: "video",
      trackId: "camera",
      bitrate: 1_000_000,
      loss: 0.1,
      gaps: 0.25,
      width: 640,
      height: 360,
      frameRate: 24,
      codec: "VP8",
    },
  ]);
  expect(received).toBe(1_000_000);
  expect(lossIn).toBe(0.1);
});

test("silence that is made up is no gap in a voice", () => {
  const samples = (all: number, made: number, silent: number) =>
    report({
      ...VOICE,
      totalSamplesReceived: all,
      concealedSamples: made,
      silentConcealedSamples: silent,
    } as never);
  expect(compare(samples(0, 0, 0), samples(1_000, 300, 300), CARRIED).inbound[0]?.gaps).toBe(0);
  expect(compare(samples(0, 0, 0), samples(1_000, 300, 100), CARRIED).inbound[0]?.gaps).toBe(0.2);
});

test("what goes: each encoding, what the server heard of it, and what holds it back", () => {
  const sent = (bytesSent: number, timestamp: number) => ({
    id: "O1",
    type: "outbound-rtp",
    kind: "video",
    mid: "1",
    rid: "h",
    timestamp,
    bytesSent,
    qualityLimitationReason: "bandwidth",
  });
  const heard = { id: "R1", type: "remote-inbound-rtp", localId: "O1", fractionLost: 0.04 };
  const {
    outbound,
    sent: all,
    lossOut,
  } = compare(report(sent(0, 0)), report(sent(50_000, 1_000), heard), CARRIED);
  expect(outbound[0]).toMatchObject({ mid: "1", rid: "h", bitrate: 400_000, limited: "bandwidth" });
  expect(all).toBe(400_000);
  expect(lossOut).toBe(0.04);
});

test("the way to the server is the pair that the transport has chosen", () => {
  const pair = (id: string, seconds: number) => ({
    id,
    type: "candidate-pair",
    currentRoundTripTime: seconds,
    availableOutgoingBitrate: 900_000,
  });
  const chosen = { id: "T", type: "transport", selectedCandidatePairId: "P2" };
  const figures = compare(
    report(),
    report(pair("P1", 0.3), pair("P2", 0.05), chosen as never),
    CARRIED,
  );
  expect(figures.roundTrip).toBe(50);
  expect(figures.available).toBe(900_000);
});

test("counters that begin anew, and streams that carry nothing, make no figures", () => {
  const old = report({ ...VOICE, bytesReceived: 9_000, packetsReceived: 90 } as never);
  const anew = report({ ...VOICE, timestamp: 1_000, bytesReceived: 100 } as never);
  expect(compare(old, anew, CARRIED)).toMatchObject({ received: 0, lossIn: null, roundTrip: null });
});
