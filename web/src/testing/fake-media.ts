import { vi } from "vitest";

/** Stand-ins for the browser's media, as far as the page uses them. */

export class FakeTrack extends EventTarget {
  static #count = 0;
  readonly id = `track-${++FakeTrack.#count}`;
  readonly kind: "audio" | "video";
  readyState: "live" | "ended" = "live";
  contentHint = "";
  settings: MediaTrackSettings;

  constructor(kind: "audio" | "video") {
    super();
    this.kind = kind;
    this.settings = kind === "video" ? { width: 1280, height: 720 } : {};
  }

  getSettings = () => this.settings;

  stop(): void {
    this.readyState = "ended";
  }

  /** The device is pulled out, or the browser's own bar ends a screen. */
  end(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
}

export class FakeStream {
  readonly #tracks: FakeTrack[];

  constructor(tracks: FakeTrack[] = []) {
    this.#tracks = tracks;
  }

  getVideoTracks = () => this.#tracks.filter((track) => track.kind === "video");
  getAudioTracks = () => this.#tracks.filter((track) => track.kind === "audio");
}

class FakeTransceiver {
  mid: string | null = null;
  codecs: string[] = [];
  readonly kind: "audio" | "video";
  readonly init: RTCRtpTransceiverInit;
  readonly sender = {
    track: null as FakeTrack | null,
    replaceTrack: async (track: FakeTrack | null) => {
      this.sender.track = track;
    },
    getParameters: () => structuredClone({ encodings: this.encodings }),
    setParameters: async (parameters: { encodings: RTCRtpEncodingParameters[] }) => {
      this.encodings = parameters.encodings;
    },
  };
  readonly receiver: { track: FakeTrack };
  encodings: RTCRtpEncodingParameters[];

  constructor(kind: "audio" | "video", init: RTCRtpTransceiverInit) {
    this.kind = kind;
    this.init = init;
    this.encodings = (init.sendEncodings ?? []).map((given) => ({ active: true, ...given }));
    this.receiver = { track: new FakeTrack(kind) };
  }

  setCodecPreferences(codecs: RTCRtpCodec[]): void {
    this.codecs = codecs.map((codec) => codec.mimeType);
  }
}

export class FakePeerConnection {
  static all: FakePeerConnection[] = [];
  /** Which encodings this browser does not take. */
  static refuses: (encodings: RTCRtpEncodingParameters[]) => boolean = () => false;
  readonly transceivers: FakeTransceiver[] = [];
  connectionState: RTCPeerConnectionState = "new";
  onconnectionstatechange: (() => void) | null = null;
  localDescription: { sdp: string } | null = null;
  readonly answers: string[] = [];
  restarts = 0;

  readonly configuration: RTCConfiguration;

  constructor(configuration: RTCConfiguration = {}) {
    this.configuration = configuration;
    FakePeerConnection.all.push(this);
  }

  static get latest(): FakePeerConnection {
    const latest = FakePeerConnection.all.at(-1);
    if (!latest) throw new Error("no peer connection was made");
    return latest;
  }

  addTransceiver(kind: "audio" | "video", init: RTCRtpTransceiverInit): FakeTransceiver {
    if (FakePeerConnection.refuses(init.sendEncodings ?? [])) throw new DOMException("no");
    const transceiver = new FakeTransceiver(kind, init);
    this.transceivers.push(transceiver);
    return transceiver;
  }

  getTransceivers = () => this.transceivers;

  async setLocalDescription(): Promise<void> {
    this.transceivers.forEach((transceiver, index) => {
      transceiver.mid = String(index);
    });
    this.localDescription = { sdp: `offer of ${this.transceivers.length} lines` };
  }

  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.answers.push(sdp);
  }

  restartIce(): void {
    this.restarts++;
  }

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  close(): void {
    this.connectionState = "closed";
  }
}

/** Hears nothing. */
class FakeAudioContext {
  readonly state = "running";
  createAnalyser = () => ({ fftSize: 32, getFloatTimeDomainData: () => undefined });
  createMediaStreamSource = () => ({ connect: () => undefined });
  close = async () => undefined;
}

const CAPABILITIES = {
  audio: {
    codecs: [{ mimeType: "audio/opus" }, { mimeType: "audio/red" }, { mimeType: "audio/PCMU" }],
  },
  video: { codecs: [{ mimeType: "video/VP8" }, { mimeType: "video/rtx" }] },
};

export interface FakeDevices {
  getUserMedia: ReturnType<typeof vi.fn>;
  getDisplayMedia: ReturnType<typeof vi.fn>;
}

/** Puts the stand-ins in place; `vi.unstubAllGlobals` takes them away. */
export function fakeMedia(): FakeDevices {
  FakePeerConnection.all = [];
  FakePeerConnection.refuses = () => false;
  // A media element takes nothing else as its srcObject.
  Object.setPrototypeOf(FakeStream.prototype, MediaStream.prototype);
  const getCapabilities = (kind: "audio" | "video") => CAPABILITIES[kind];
  vi.stubGlobal("MediaStreamTrack", FakeTrack);
  vi.stubGlobal("MediaStream", FakeStream);
  vi.stubGlobal("AudioContext", FakeAudioContext);
  vi.stubGlobal("RTCPeerConnection", FakePeerConnection);
  vi.stubGlobal("RTCRtpSender", { getCapabilities });
  vi.stubGlobal("RTCRtpReceiver", { getCapabilities });
  vi.stubGlobal("isSecureContext", true);
  const devices = { getUserMedia: vi.fn(streamFor), getDisplayMedia: vi.fn(streamFor) };
  const mediaDevices = Object.assign(new EventTarget(), {
    ...devices,
    enumerateDevices: async () => [],
  });
  const permissions = { query: async () => ({ state: "prompt" }) };
  Object.defineProperty(navigator, "mediaDevices", { value: mediaDevices, configurable: true });
  Object.defineProperty(navigator, "permissions", { value: permissions, configurable: true });
  return devices;
}

async function streamFor(wanted: MediaStreamConstraints): Promise<FakeStream> {
  const kinds = (["audio", "video"] as const).filter((kind) => wanted[kind]);
  return new FakeStream(kinds.map((kind) => new FakeTrack(kind)));
}
