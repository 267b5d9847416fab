import { expect, test } from "vitest";
import { Meters } from "./meters";

type Meeting = Parameters<Meters["read"]>[0][number];

function meeting(id: string, bytes: number, lost = 0): Meeting {
  return {
    id,
    bytes_received: bytes,
    bytes_forwarded: 3 * bytes,
    packets_received: bytes / 1_000,
    packets_forwarded: (3 * bytes) / 1_000,
    packets_lost: lost,
    packets_retransmitted: lost,
  } as Meeting;
}

test("two looks at counters tell what flows, each meeting by itself", () => {
  const meters = new Meters();
  const [first] = meters.read([meeting("tea", 1_000_000)], 5_000);
  expect(first?.flow).toBeNull();
  const [tea, rum] = meters.read([meeting("tea", 1_180_000, 20), meeting("rum", 9)], 7_000);
  expect(tea?.flow).toEqual({
    incoming: 720_000,
    outgoing: 2_160_000,
    lost: 0.1,
    resent: 20 / 540,
  });
  expect(rum?.flow).toBeNull();
});

test("whoever leaves takes his counters along", () => {
  const meters = new Meters();
  meters.read([meeting("tea", 5_000, 4)], 0);
  const [tea] = meters.read([meeting("tea", 1_000, 1)], 1_000);
  expect(tea?.flow).toEqual({ incoming: 0, outgoing: 0, lost: 0, resent: 0 });
});
