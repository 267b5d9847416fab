import { expect, test } from "vitest";
import { offerDescriptors } from "./descriptors";

const DESCRIPTOR =
  "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

interface Extension {
  uri: string;
  direction: string;
}

/** Gives out copies, as a browser does. */
class FakeTransceiver {
  extensions: Extension[];

  constructor(extensions: Extension[]) {
    this.extensions = extensions;
  }

  getHeaderExtensionsToNegotiate = () => structuredClone(this.extensions);
  setHeaderExtensionsToNegotiate = (extensions: Extension[]) => {
    this.extensions = extensions;
  };
}

function offered(codecs: string[], extensions: Extension[]): Extension[] {
  const transceiver = new FakeTransceiver(extensions);
  offerDescriptors(transceiver as unknown as RTCRtpTransceiver, codecs);
  return transceiver.extensions;
}

const MID = { uri: "urn:ietf:params:rtp-hdrext:sdes:mid", direction: "sendrecv" };
const STOPPED = { uri: DESCRIPTOR, direction: "stopped" };
const STARTED = { uri: DESCRIPTOR, direction: "sendrecv" };

test.each(["VP9", "AV1"])("%s is described", (codec) => {
  expect(offered([codec, "VP8"], [MID, STOPPED])).toEqual([MID, STARTED]);
});

test("codecs without layers are not described", () => {
  expect(offered(["VP8", "H264"], [MID, STOPPED])).toEqual([MID, STOPPED]);
});

test("nothing is asked of browsers that cannot", () => {
  expect(offered(["VP9"], [MID])).toEqual([MID]);
  expect(() => offerDescriptors({} as RTCRtpTransceiver, ["AV1"])).not.toThrow();
});
