import { CircleAlert, Mic, MicOff, Video, VideoOff } from "lucide-react";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { LocalMedia } from "@/media/local";
import { useObservable } from "@/store/use-observable";
import { StageButton } from "./stage-button";

export function MicrophoneToggle({ local }: { local: LocalMedia }) {
  const t = useText(meetingTexts);
  const { on, problem } = useObservable(local.state, (state) => state.microphone);
  const Icon = on ? Mic : MicOff;
  return (
    <StageButton
      label={t(on ? "mute" : "unmute")}
      className="relative"
      look={on ? "plain" : "off"}
      onClick={() => void local.turn("microphone", !on)}
    >
      <Icon className="size-5.5" aria-hidden="true" />
      {problem && <ProblemMark />}
    </StageButton>
  );
}

export function CameraToggle({ local }: { local: LocalMedia }) {
  const t = useText(meetingTexts);
  const { on, problem } = useObservable(local.state, (state) => state.camera);
  const Icon = on ? Video : VideoOff;
  return (
    <StageButton
      label={t(on ? "camera_turn_off" : "camera_turn_on")}
      className="relative"
      look={on ? "plain" : "off"}
      onClick={() => void local.turn("camera", !on)}
    >
      <Icon className="size-5.5" aria-hidden="true" />
      {problem && <ProblemMark />}
    </StageButton>
  );
}

/** Why it is off is said where devices are chosen. */
function ProblemMark() {
  return (
    <CircleAlert
      className="absolute -right-1 -top-1 size-4.5 rounded-full bg-stage text-sun"
      aria-hidden="true"
    />
  );
}
