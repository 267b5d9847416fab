/**
 * Tells when a video element shows a frame that belongs to the slot's present occupant. A slot's
 * RTP stream goes on when the server switches it to somebody else; the frames from RTP timestamp
 * `mark` on are the new one's, earlier ones may still arrive or lie in the decoder.
 */

/** How often to look where a browser cannot tell about each frame, ms. */
const POLL = 100;

/** Whether RTP timestamp `timestamp` is `mark` or later, modulo 2^32 (as RFC 1982). */
export function isAtOrAfter(timestamp: number, mark: number): boolean {
  return (timestamp - mark) >>> 0 < 0x8000_0000;
}

export interface FrameSource {
  video: HTMLVideoElement;
  receiver: RTCRtpReceiver;
}

/**
 * Calls `open` once, at the first frame shown with a timestamp of at least `mark` (null: at the
 * first new frame). Returns what calls that off.
 */
export function awaitFrame(source: FrameSource, mark: number | null, open: () => void): () => void {
  const nextFrame = frameClock(source.video);
  /** The receiver has handed over such a frame, but the element may show the one before. */
  let delivered = false;
  let cancel = nextFrame(check);

  function check(shown: number | undefined): void {
    if (mark === null || belongs(shown, mark)) open();
    else cancel = nextFrame(check);
  }

  function belongs(shown: number | undefined, from: number): boolean {
    if (shown !== undefined) return isAtOrAfter(shown, from);
    if (delivered) return true;
    const latest = source.receiver.getSynchronizationSources()[0]?.rtpTimestamp;
    delivered = latest !== undefined && isAtOrAfter(latest, from);
    return false;
  }

  return () => cancel();
}

type OnFrame = (rtpTimestamp: number | undefined) => void;

/** Something that calls back once at the next frame, and can be called off. */
function frameClock(video: HTMLVideoElement): (onFrame: OnFrame) => () => void {
  if (!("requestVideoFrameCallback" in video)) {
    return (onFrame) => {
      const timer = setTimeout(() => onFrame(undefined), POLL);
      return () => clearTimeout(timer);
    };
  }
  return (onFrame) => {
    const id = video.requestVideoFrameCallback((_, frame) => onFrame(frame.rtpTimestamp));
    return () => video.cancelVideoFrameCallback(id);
  };
}
