// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import { canMeet } from "./support";

afterEach(() => void vi.unstubAllGlobals());

test("a browser without WebRTC, or that cannot choose codecs, holds no meetings", () => {
  expect(canMeet()).toBe(false);
  vi.stubGlobal("RTCPeerConnection", class {});
  vi.stubGlobal("RTCRtpTransceiver", class {});
  expect(canMeet()).toBe(false);
  vi.stubGlobal(
    "RTCRtpTransceiver",
    class {
      setCodecPreferences() {}
    },
  );
  expect(canMeet()).toBe(true);
});
