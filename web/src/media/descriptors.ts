/**
 * Dependency descriptors: which frame of a scalable video needs which. The server leaves layers out
 * by them, AV1's by nothing else. Browsers that have them offer them only where a page asks.
 */

const URI =
  "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

/** Codecs sent in layers of one stream. */
const LAYERED: ReadonlySet<string> = new Set(["VP9", "AV1"]);

/** https://www.w3.org/TR/webrtc-extensions/#rtp-header-extension-control; not in every browser. */
interface ExtensionControl {
  getHeaderExtensionsToNegotiate?(): HeaderExtension[];
  setHeaderExtensionsToNegotiate?(extensions: HeaderExtension[]): void;
}

interface HeaderExtension {
  uri: string;
  direction: RTCRtpTransceiverDirection;
}

/** In the next offer; nothing where no codec needs it or the browser cannot. */
export function offerDescriptors(
  transceiver: RTCRtpTransceiver & ExtensionControl,
  codecs: readonly string[],
): void {
  if (!codecs.some((name) => LAYERED.has(name))) return;
  const extensions = transceiver.getHeaderExtensionsToNegotiate?.();
  const descriptor = extensions?.find(({ uri }) => uri === URI);
  if (!extensions || !descriptor) return;
  descriptor.direction = "sendrecv";
  transceiver.setHeaderExtensionsToNegotiate?.(extensions);
}
