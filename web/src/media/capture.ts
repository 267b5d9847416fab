import { constraints } from "./devices";

export type Captured = "camera" | "microphone";

const KIND = { camera: "video", microphone: "audio" } as const;

/** One track, or the exception of getUserMedia. */
export async function capture(source: Captured): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices.getUserMedia({ [KIND[source]]: constraints(source) });
  return onlyTrack(stream, source);
}

/** Both with one question to the person; what cannot be had is an exception in its place. */
export async function captureBoth(): Promise<Record<Captured, MediaStreamTrack | unknown>> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: constraints("microphone"),
      video: constraints("camera"),
    });
    return { camera: onlyTrack(stream, "camera"), microphone: onlyTrack(stream, "microphone") };
  } catch (error) {
    return {
      camera: await captureAfter(error, "camera"),
      microphone: await captureAfter(error, "microphone"),
    };
  }
}

/** One device may be had where both failed. After a "no", ask only where the answer was "yes". */
async function captureAfter(error: unknown, source: Captured): Promise<MediaStreamTrack | unknown> {
  const refused = error instanceof Error && error.name === "NotAllowedError";
  if (refused && !(await isGranted(source))) return error;
  return capture(source).catch((reason: unknown) => reason);
}

async function isGranted(source: Captured): Promise<boolean> {
  try {
    const permission = await navigator.permissions.query({ name: source });
    return permission.state === "granted";
  } catch {
    return false;
  }
}

function onlyTrack(stream: MediaStream, source: Captured): MediaStreamTrack {
  const [track] = source === "camera" ? stream.getVideoTracks() : stream.getAudioTracks();
  if (!track) throw new DOMException("no such track", "NotFoundError");
  return track;
}

/** What the person chose to show, with its sound where the browser and the choice give one. */
export async function captureScreen(): Promise<MediaStream> {
  const stream = await navigator.mediaDevices.getDisplayMedia({
    video: { frameRate: { ideal: 15, max: 30 } },
    audio: true,
  });
  for (const track of stream.getVideoTracks()) track.contentHint = "detail";
  return stream;
}
