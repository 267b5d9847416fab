import { Volume2 } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button } from "@/components/button";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { Playback } from "@/media/playback";
import type { MediaSession } from "@/media/session";
import type { Sound } from "@/media/slots";
import { useObservable } from "@/store/use-observable";

interface Props {
  session: MediaSession;
  playback: Playback;
}

/** What is heard: one audio element for each slot that carries somebody. */
export function Sounds({ session, playback }: Props) {
  const sounds = useObservable(session.slots.view, (view) => view.sounds);
  const speaker = useObservable(session.local.state, (state) => state.chosen.speaker);
  return sounds.map((sound) => (
    <SoundPlayer key={sound.track.id} sound={sound} speaker={speaker} playback={playback} />
  ));
}

interface PlayerProps {
  sound: Sound;
  speaker: string;
  playback: Playback;
}

function SoundPlayer({ sound, speaker, playback }: PlayerProps) {
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    if (!element.current) return;
    element.current.srcObject = new MediaStream([sound.track]);
    return playback.add(element.current);
  }, [sound.track, playback]);
  useEffect(() => {
    if (speaker) void element.current?.setSinkId?.(speaker).catch(() => undefined);
  }, [speaker]);
  // biome-ignore lint/a11y/useMediaCaption: a live voice has no captions
  return <audio ref={element} data-testid="audio" data-track={sound.trackId} autoPlay />;
}

/** Browsers may hold back sound until somebody has clicked on the page. */
export function SoundGate({ playback }: { playback: Playback }) {
  const t = useText(meetingTexts);
  const blocked = useObservable(playback.blocked);
  if (!blocked) return null;
  return (
    <div className="absolute inset-0 z-20 grid place-items-center bg-stage/60 backdrop-blur-sm">
      <Button onClick={() => playback.resume()} className="min-h-14 px-7 text-lg">
        <Volume2 className="size-6" aria-hidden="true" />
        {t("sound_on")}
      </Button>
    </div>
  );
}
