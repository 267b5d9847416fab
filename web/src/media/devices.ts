/** The devices of this machine: asking for them, naming them, remembering which was chosen. */

export type DeviceKind = "camera" | "microphone" | "speaker";

const KINDS: Record<DeviceKind, MediaDeviceKind> = {
  camera: "videoinput",
  microphone: "audioinput",
  speaker: "audiooutput",
};

interface Device {
  id: string;
  label: string;
}

export type Devices = Record<DeviceKind, readonly Device[]>;

export const NO_DEVICES: Devices = { camera: [], microphone: [], speaker: [] };

/** Names are empty until the person has allowed the use of one. */
export async function listDevices(): Promise<Devices> {
  const all = await navigator.mediaDevices.enumerateDevices();
  const ofKind = (kind: DeviceKind) =>
    all
      .filter((device) => device.kind === KINDS[kind] && device.deviceId)
      .map((device) => ({ id: device.deviceId, label: device.label }));
  return { camera: ofKind("camera"), microphone: ofKind("microphone"), speaker: ofKind("speaker") };
}

export function canChooseSpeaker(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}

/** `deviceId` is a wish: where the device is gone, another one serves. */
export function constraints(kind: "camera" | "microphone"): MediaTrackConstraints {
  const id = chosenDevice(kind);
  const wanted = id ? { deviceId: { ideal: id } } : {};
  return kind === "camera"
    ? {
        ...wanted,
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 30, max: 30 },
      }
    : { ...wanted, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
}

export function chosenDevice(kind: DeviceKind): string {
  return localStorage.getItem(storageKey(kind)) ?? "";
}

export function rememberDevice(kind: DeviceKind, id: string): void {
  localStorage.setItem(storageKey(kind), id);
}

function storageKey(kind: DeviceKind): string {
  return `tertulia.${kind}`;
}
