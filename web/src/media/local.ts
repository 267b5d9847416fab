/**
 * What this person gives: camera, microphone, screen. The only place that turns devices on and
 * off; a session merely follows `state`. It lives from the pre-join page through the meeting.
 */
import { Observable } from "@/store/observable";
import { type Captured, capture, captureBoth, captureScreen } from "./capture";
import { type DeviceProblem, deviceProblem, hasDeviceAccess } from "./device-problem";
import {
  chosenDevice,
  type DeviceKind,
  type Devices,
  listDevices,
  NO_DEVICES,
  rememberDevice,
} from "./devices";

/** `on` is what the person wants; `track` is what there is. */
export interface LocalSource {
  on: boolean;
  track: MediaStreamTrack | null;
  problem: DeviceProblem | null;
}

export interface LocalState {
  /** The question for devices is still open. */
  asking: boolean;
  camera: LocalSource;
  microphone: LocalSource;
  screen: { video: MediaStreamTrack; audio: MediaStreamTrack | null } | null;
  devices: Devices;
  chosen: Record<DeviceKind, string>;
}

export class LocalMedia {
  readonly state = new Observable<LocalState>({
    asking: false,
    camera: { on: wasOn("camera"), track: null, problem: null },
    microphone: { on: wasOn("microphone"), track: null, problem: null },
    screen: null,
    devices: NO_DEVICES,
    chosen: {
      camera: chosenDevice("camera"),
      microphone: chosenDevice("microphone"),
      speaker: chosenDevice("speaker"),
    },
  });
  #open = false;

  /** Asks for camera and microphone. Both are asked for even when off, to know the devices. */
  async open(): Promise<void> {
    this.#open = true;
    if (!hasDeviceAccess()) {
      this.#patch("camera", { on: false, problem: "insecure" });
      this.#patch("microphone", { on: false, problem: "insecure" });
      return;
    }
    navigator.mediaDevices.addEventListener("devicechange", this.#refreshDevices);
    this.state.patch({ asking: true });
    const found = await captureBoth();
    this.#settle("microphone", found.microphone);
    this.#settle("camera", found.camera);
    this.state.patch({ asking: false });
    await this.#refreshDevices();
  }

  /** Turns everything off. `open` begins anew. */
  close(): void {
    this.#open = false;
    this.stopScreen();
    this.#stop("camera");
    this.#stop("microphone");
    if (hasDeviceAccess()) {
      navigator.mediaDevices.removeEventListener("devicechange", this.#refreshDevices);
    }
  }

  /** A microphone stays captured while it is off, to be back at once; a camera's light goes out. */
  async turn(source: Captured, on: boolean): Promise<void> {
    localStorage.setItem(storageKey(source), on ? "on" : "off");
    this.#patch(source, { on, problem: null });
    if (!on && source === "camera") this.#stop("camera");
    if (on && !this.state.get()[source].track) await this.#capture(source);
  }

  async choose(kind: DeviceKind, id: string): Promise<void> {
    rememberDevice(kind, id);
    this.state.patch({ chosen: { ...this.state.get().chosen, [kind]: id } });
    if (kind === "speaker") return;
    const { track, on } = this.state.get()[kind];
    if (!track && !on) return;
    this.#stop(kind);
    await this.#capture(kind);
  }

  /** Rejects with NotAllowedError where the person chose nothing. */
  async shareScreen(): Promise<void> {
    const stream = await captureScreen();
    const [video] = stream.getVideoTracks();
    const [audio = null] = stream.getAudioTracks();
    if (!video) return;
    video.addEventListener("ended", () => this.stopScreen());
    this.state.patch({ screen: { video, audio } });
  }

  stopScreen(): void {
    const { screen } = this.state.get();
    screen?.video.stop();
    screen?.audio?.stop();
    this.state.patch({ screen: null });
  }

  async #capture(source: Captured): Promise<void> {
    if (!hasDeviceAccess()) {
      this.#patch(source, { on: false, problem: "insecure" });
      return;
    }
    this.#settle(source, await capture(source).catch((reason: unknown) => reason));
    await this.#refreshDevices();
  }

  /** Takes what a capture gave: a track, or the exception instead of one. */
  #settle(source: Captured, found: MediaStreamTrack | unknown): void {
    if (!(found instanceof MediaStreamTrack)) {
      this.#patch(source, { on: false, track: null, problem: deviceProblem(found) });
      return;
    }
    const unwanted = source === "camera" && !this.state.get().camera.on;
    if (!this.#open || unwanted) {
      found.stop();
      this.#patch(source, { problem: null });
      return;
    }
    this.state.get()[source].track?.stop();
    found.addEventListener("ended", () => this.#unplugged(source, found));
    this.#patch(source, { track: found, problem: null });
  }

  /** The device went away by itself; another one takes over where there is one. */
  #unplugged(source: Captured, track: MediaStreamTrack): void {
    if (this.state.get()[source].track !== track) return;
    this.#patch(source, { track: null });
    if (this.state.get()[source].on) void this.#capture(source);
  }

  #stop(source: Captured): void {
    const { track } = this.state.get()[source];
    this.#patch(source, { track: null });
    track?.stop();
  }

  readonly #refreshDevices = async (): Promise<void> => {
    this.state.patch({ devices: await listDevices() });
  };

  #patch(source: Captured, fields: Partial<LocalSource>): void {
    this.state.patch({ [source]: { ...this.state.get()[source], ...fields } });
  }
}

function wasOn(source: Captured): boolean {
  return localStorage.getItem(storageKey(source)) !== "off";
}

function storageKey(source: Captured): string {
  return `tertulia.${source}_on`;
}
