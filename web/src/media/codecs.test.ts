// @vitest-environment happy-dom
import { afterEach, expect, test } from "vitest";
import { cameraCodecs, preferredCodecs } from "./codecs";

const H264 = (profile: string, mode: number): RTCRtpCodec => ({
  mimeType: "video/H264",
  clockRate: 90_000,
  sdpFmtpLine: `level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profile}`,
});
const VP8: RTCRtpCodec = { mimeType: "video/VP8", clockRate: 90_000 };
const RTX: RTCRtpCodec = { mimeType: "video/rtx", clockRate: 90_000 };
const OTHERS = ["video/VP9", "video/AV1", "video/red", "video/ulpfec"].map((mimeType) => ({
  mimeType,
  clockRate: 90_000,
}));
const ALL = [VP8, RTX, ...OTHERS, H264("42001f", 1), H264("42e01f", 0), H264("42e01f", 1)];

afterEach(() => localStorage.clear());

test("keeps the named codecs in their order, and retransmission", () => {
  expect(preferredCodecs(ALL, ["H264", "VP8"])).toEqual([H264("42e01f", 1), VP8, RTX]);
});

test("takes another H.264 where there is no constrained baseline", () => {
  expect(preferredCodecs([H264("640c1f", 1), RTX], ["H264"])).toEqual([H264("640c1f", 1), RTX]);
});

test("voices may be wrapped in redundancy", () => {
  const [opus, red, telephone] = ["opus", "red", "PCMU"].map((name) => ({
    mimeType: `audio/${name}`,
    clockRate: 48_000,
  })) as [RTCRtpCodec, RTCRtpCodec, RTCRtpCodec];
  expect(preferredCodecs([opus, red, telephone], ["red", "opus"])).toEqual([red, opus]);
  expect(preferredCodecs([opus, telephone], ["red", "opus"])).toEqual([opus]);
});

test("restricts nothing where none of the codecs is known", () => {
  expect(preferredCodecs([...OTHERS, RTX], ["VP8"])).toEqual([]);
});

test("a codec named in localStorage comes first, if the policy has it", () => {
  expect(cameraCodecs(["VP8", "H264"])).toEqual(["VP8", "H264"]);
  localStorage.setItem("tertulia.camera_codec", "H264");
  expect(cameraCodecs(["VP8", "H264"])).toEqual(["H264", "VP8"]);
  localStorage.setItem("tertulia.camera_codec", "AV1");
  expect(cameraCodecs(["VP8", "H264"])).toEqual(["VP8", "H264"]);
});
