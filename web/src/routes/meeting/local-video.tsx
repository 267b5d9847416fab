import { useLayoutEffect, useRef } from "react";

interface Props {
  track: MediaStreamTrack;
  /** As in a mirror: what one expects of oneself. */
  mirrored: boolean;
  className?: string;
}

export function LocalVideo({ track, mirrored, className = "" }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  useLayoutEffect(() => {
    if (video.current) video.current.srcObject = new MediaStream([track]);
  }, [track]);
  return (
    <video
      ref={video}
      autoPlay
      muted
      playsInline
      className={`size-full ${mirrored ? "mirrored" : ""} ${className}`}
    />
  );
}
