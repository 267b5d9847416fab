/**
 * The one RTCPeerConnection of a meeting: all transceivers are made at once, as the policy says,
 * and what they carry is switched by `replaceTrack`. A new offer is made only to restart ICE and
 * for more slots.
 */
import type {
  IceServer,
  MediaPolicy,
  SlotLine,
  TrackSource,
  VideoPolicy,
} from "@/signaling/messages";
import { cameraCodecs, preferredCodecs } from "./codecs";
import { offerDescriptors } from "./descriptors";
import { EncodingSwitch } from "./encodings";

export interface PeerOptions {
  policy: MediaPolicy;
  iceServers: IceServer[];
  onState(state: RTCPeerConnectionState): void;
}

/** Sends an offer to the server. */
export type Exchange = (sdp: string) => Promise<{ sdp: string; slots: SlotLine[] }>;

/** https://www.w3.org/TR/webrtc-svc/#rtcrtpencodingparameters */
type SendEncoding = RTCRtpEncodingParameters & { scalabilityMode?: string };

export type PictureSource = "camera" | "screen";

export class Peer {
  readonly connection: RTCPeerConnection;
  readonly #policy: MediaPolicy;
  readonly #senders: Record<TrackSource, RTCRtpTransceiver>;
  readonly #encodings: Record<PictureSource, EncodingSwitch>;
  #videoSlots = 0;

  constructor({ policy, iceServers, onState }: PeerOptions) {
    this.#policy = policy;
    this.connection = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers });
    this.connection.onconnectionstatechange = () => onState(this.connection.connectionState);
    const camera = { ...policy.camera, codecs: cameraCodecs(policy.camera.codecs) };
    this.#senders = {
      microphone: this.#addSender("audio", policy.audio_codecs),
      camera: this.#addVideoSender(camera),
      screen: this.#addVideoSender(policy.screen),
      screen_audio: this.#addSender("audio", policy.audio_codecs),
    };
    this.#encodings = {
      camera: new EncodingSwitch(this.#senders.camera.sender),
      screen: new EncodingSwitch(this.#senders.screen.sender),
    };
    this.#addReceivers("audio", policy.audio_slots);
    this.#growTo(policy.video_slots);
  }

  /** One offer and its answer; the answer's slots. */
  async negotiate(exchange: Exchange): Promise<SlotLine[]> {
    await this.connection.setLocalDescription();
    const answer = await exchange(this.connection.localDescription?.sdp ?? "");
    await this.connection.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    return answer.slots;
  }

  /** The next offer finds a new way to the server; DTLS and slots stay. */
  restartIce(): void {
    this.connection.restartIce();
  }

  /** Makes room for `wanted` pictures as far as the server allows. True: a new offer is due. */
  reserve(wanted: number): boolean {
    const slots = Math.min(wanted, this.#policy.max_slots);
    const more = slots - this.#videoSlots;
    if (more <= 0) return false;
    this.#addReceivers("audio", more);
    this.#growTo(slots);
    return true;
  }

  send(source: TrackSource, track: MediaStreamTrack | null): void {
    const { sender } = this.#senders[source];
    if (sender.track !== track) void sender.replaceTrack(track).catch(ignoreClosed);
  }

  /** Which encodings of a picture are sent, by rid; null: all. */
  encode(source: PictureSource, rids: readonly string[] | null): void {
    this.#encodings[source].want(rids);
  }

  mid(source: TrackSource): string {
    return this.#senders[source].mid ?? "";
  }

  /** The inverse of `mid`. */
  sourceAt(mid: string): TrackSource | null {
    const sources = Object.keys(this.#senders) as TrackSource[];
    return sources.find((source) => this.mid(source) === mid) ?? null;
  }

  receiver(mid: string): RTCRtpReceiver | null {
    const found = this.connection.getTransceivers().find((candidate) => candidate.mid === mid);
    return found?.receiver ?? null;
  }

  close(): void {
    this.connection.onconnectionstatechange = null;
    this.connection.close();
  }

  #addVideoSender(policy: VideoPolicy): RTCRtpTransceiver {
    return this.#addSender("video", policy.codecs, policy.encodings.map(encodingParameters));
  }

  #addSender(
    kind: "audio" | "video",
    codecs: string[],
    sendEncodings: SendEncoding[] = [],
  ): RTCRtpTransceiver {
    const transceiver = this.#addTransceiver(kind, sendEncodings);
    const capabilities = RTCRtpSender.getCapabilities(kind)?.codecs ?? [];
    transceiver.setCodecPreferences(preferredCodecs(capabilities, codecs));
    offerDescriptors(transceiver, codecs);
    return transceiver;
  }

  /** A browser may refuse layers inside an encoding. */
  #addTransceiver(kind: "audio" | "video", sendEncodings: SendEncoding[]): RTCRtpTransceiver {
    const direction = "sendonly";
    if (sendEncodings.length === 0) return this.connection.addTransceiver(kind, { direction });
    try {
      return this.connection.addTransceiver(kind, { direction, sendEncodings });
    } catch {
      const plain = sendEncodings.map(({ scalabilityMode: _, ...rest }) => rest);
      return this.connection.addTransceiver(kind, { direction, sendEncodings: plain });
    }
  }

  #growTo(slots: number): void {
    this.#addReceivers("video", slots - this.#videoSlots);
    this.#videoSlots = slots;
  }

  #addReceivers(kind: "audio" | "video", count: number): void {
    const { camera, screen, audio_codecs } = this.#policy;
    const pictures = [...new Set([...camera.codecs, ...screen.codecs])];
    const names = kind === "audio" ? audio_codecs : pictures;
    const codecs = preferredCodecs(RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [], names);
    for (let added = 0; added < count; added++) {
      const transceiver = this.connection.addTransceiver(kind, { direction: "recvonly" });
      transceiver.setCodecPreferences(codecs);
      offerDescriptors(transceiver, names);
    }
  }
}

function encodingParameters(encoding: VideoPolicy["encodings"][number]): SendEncoding {
  return {
    rid: encoding.rid,
    scaleResolutionDownBy: encoding.scale_resolution_down_by,
    maxBitrate: encoding.max_bitrate,
    ...(encoding.max_framerate !== null && { maxFramerate: encoding.max_framerate }),
    ...(encoding.scalability_mode !== null && { scalabilityMode: encoding.scalability_mode }),
  };
}

/** A track may change while the connection is being replaced; the next one gets it anew. */
function ignoreClosed(error: unknown): void {
  if (!(error instanceof DOMException && error.name === "InvalidStateError")) throw error;
}
