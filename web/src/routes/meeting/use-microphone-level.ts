import { useEffect, useState } from "react";
import { Meter } from "@/media/meter";

/** How loud the own microphone is, 0 to 1. */
export function useMicrophoneLevel(track: MediaStreamTrack | null): number {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (!track) return;
    const meter = new Meter(track, setLevel);
    return () => {
      meter.close();
      setLevel(0);
    };
  }, [track]);
  return level;
}
