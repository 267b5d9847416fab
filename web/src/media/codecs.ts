/** Which codecs an m-line offers. Untrimmed, a browser repeats all it has on each of 25 lines. */

/** Names a codec for the camera to send with first; for old hardware and for tests. */
const OVERRIDE = "tertulia.camera_codec";

/** The policy's order, with the one named in localStorage first. */
export function cameraCodecs(names: readonly string[]): string[] {
  const first = localStorage.getItem(OVERRIDE);
  return first && names.includes(first)
    ? [first, ...names.filter((name) => name !== first)]
    : [...names];
}

/** One variant of each named codec, in that order, then retransmission (RFC 4588). */
export function preferredCodecs(
  capabilities: readonly RTCRtpCodec[],
  names: readonly string[],
): RTCRtpCodec[] {
  const chosen = names.flatMap((name) => bestVariant(capabilities, name) ?? []);
  const rtx = capabilities.filter((codec) => subtype(codec) === "RTX");
  return chosen.length > 0 ? [...chosen, ...rtx] : [];
}

function bestVariant(capabilities: readonly RTCRtpCodec[], name: string): RTCRtpCodec | undefined {
  const variants = capabilities.filter((codec) => subtype(codec) === name.toUpperCase());
  return variants.find(isConstrainedBaseline) ?? variants[0];
}

/** The H.264 that every browser decodes: profile 42e0, packetization mode 1 (RFC 7742, 6.2). */
function isConstrainedBaseline(codec: RTCRtpCodec): boolean {
  const parameters = codec.sdpFmtpLine ?? "";
  return /profile-level-id=42e0/i.test(parameters) && parameters.includes("packetization-mode=1");
}

function subtype(codec: RTCRtpCodec): string {
  return codec.mimeType.slice(codec.mimeType.indexOf("/") + 1).toUpperCase();
}
