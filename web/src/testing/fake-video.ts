type OnFrame = (now: number, frame: { rtpTimestamp?: number }) => void;

const waiting = new WeakMap<HTMLVideoElement, OnFrame>();

/** Gives video elements requestVideoFrameCallback; `showFrame` is what then calls back. */
export function tellOfFrames(): void {
  Object.assign(HTMLVideoElement.prototype, {
    requestVideoFrameCallback(this: HTMLVideoElement, onFrame: OnFrame) {
      waiting.set(this, onFrame);
      return 1;
    },
    cancelVideoFrameCallback(this: HTMLVideoElement) {
      waiting.delete(this);
    },
  });
}

export function tellNothingOfFrames(): void {
  Reflect.deleteProperty(HTMLVideoElement.prototype, "requestVideoFrameCallback");
  Reflect.deleteProperty(HTMLVideoElement.prototype, "cancelVideoFrameCallback");
}

export function showFrame(video: HTMLVideoElement, rtpTimestamp?: number): void {
  const onFrame = waiting.get(video);
  waiting.delete(video);
  onFrame?.(0, rtpTimestamp === undefined ? {} : { rtpTimestamp });
}

export class FakeReceiver {
  /** RTP timestamp of the latest frame handed over. */
  delivered: number | null = null;
  readonly track: unknown = {};

  getSynchronizationSources = () =>
    this.delivered === null ? [] : [{ rtpTimestamp: this.delivered }];

  get asReceiver(): RTCRtpReceiver {
    return this as unknown as RTCRtpReceiver;
  }
}
