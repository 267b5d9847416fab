import { Observable, type Watchable } from "@/store/observable";
import { awaitFrame } from "./frame-gate";

/**
 * One person's camera or screen as one slot carries it, with a video element of its own. The next
 * occupant of the slot gets another picture, so an element never shows two people.
 */
export class Picture {
  readonly element: HTMLVideoElement;
  readonly #visible = new Observable(false);
  readonly #receiver: RTCRtpReceiver;
  /** Where this picture begins; null once it has: the mark would wrap around after 6.6 hours. */
  #mark: number | null;
  #cancel: () => void;

  /** `timestamp`: RTP timestamp of the first frame that belongs here; null: any. */
  constructor(receiver: RTCRtpReceiver, timestamp: number | null) {
    this.#receiver = receiver;
    this.element = videoElement(new MediaStream([receiver.track]));
    this.#mark = timestamp;
    this.#cancel = this.#awaitFrame();
  }

  /** Whether the element shows what it should; until then the avatar takes its place. */
  get visible(): Watchable<boolean> {
    return this.#visible;
  }

  /** Hides what is shown now, until there is something newer. */
  hold(): void {
    this.#cancel();
    this.#visible.set(false);
    this.#cancel = this.#awaitFrame();
  }

  /** At once, without waiting for anybody to render: the slot is somebody else's now. */
  close(): void {
    this.#cancel();
    this.#visible.set(false);
    this.element.srcObject = null;
    this.element.remove();
  }

  #awaitFrame(): () => void {
    const source = { video: this.element, receiver: this.#receiver };
    return awaitFrame(source, this.#mark, () => {
      this.#mark = null;
      this.#visible.set(true);
    });
  }
}

function videoElement(stream: MediaStream): HTMLVideoElement {
  const video = document.createElement("video");
  video.autoplay = true;
  video.muted = true;
  video.playsInline = true;
  video.disablePictureInPicture = true;
  video.srcObject = stream;
  return video;
}
