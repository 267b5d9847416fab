import { Mic, Video, VideoOff, Volume2 } from "lucide-react";
import { Tooltip } from "radix-ui";
import { useEffect, useState } from "react";
import { Button } from "@/components/button";
import { Notice } from "@/components/notice";
import { Panel } from "@/components/screen";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import { settingsTexts } from "@/locales/settings";
import { LocalMedia } from "@/media/local";
import { DeviceChoices } from "@/routes/meeting/device-select";
import { CameraToggle, MicrophoneToggle } from "@/routes/meeting/device-toggles";
import { LocalVideo } from "@/routes/meeting/local-video";
import { useMicrophoneLevel } from "@/routes/meeting/use-microphone-level";
import { useObservable } from "@/store/use-observable";
import { playChime } from "./chime";

/** Nothing is turned on before somebody asks for it. */
export function Devices() {
  const t = useText(settingsTexts);
  const [tries, setTries] = useState(false);
  return (
    <Panel title={t("devices")}>
      <p className="mb-5 text-soft">{t("devices_about")}</p>
      {tries ? (
        <Trial />
      ) : (
        <Button look="quiet" onClick={() => setTries(true)}>
          <Video className="size-5" aria-hidden="true" />
          {t("try_devices")}
        </Button>
      )}
    </Panel>
  );
}

/** What is turned on and chosen here is kept by `LocalMedia`, as before a meeting. */
function Trial() {
  const t = useText(settingsTexts);
  const [local] = useState(() => new LocalMedia());
  const speaker = useObservable(local.state, (state) => state.chosen.speaker);
  useEffect(() => {
    void local.open();
    return () => local.close();
  }, [local]);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6 md:grid-cols-2">
      <Preview local={local} />
      <div className="grid content-start gap-4">
        <DeviceChoices local={local} />
        <Level local={local} />
        <Button look="quiet" className="justify-self-start" onClick={() => void playChime(speaker)}>
          <Volume2 className="size-5" aria-hidden="true" />
          {t("play_sound")}
        </Button>
        <Problems local={local} />
      </div>
    </div>
  );
}

function Preview({ local }: { local: LocalMedia }) {
  const t = useText(settingsTexts);
  const { camera, asking } = useObservable(local.state);
  return (
    <div className="stage relative aspect-video overflow-hidden rounded-2xl">
      {camera.track && camera.on ? (
        <LocalVideo track={camera.track} mirrored className="object-cover" />
      ) : (
        <div className="grid size-full place-content-center justify-items-center gap-3 p-6 pb-20 text-center text-soft">
          <VideoOff className="size-8" aria-hidden="true" />
          <p>{t(asking ? "asking" : "camera_off")}</p>
        </div>
      )}
      <Tooltip.Provider delayDuration={400}>
        <div className="absolute inset-x-0 bottom-4 flex justify-center gap-3">
          <MicrophoneToggle local={local} />
          <CameraToggle local={local} />
        </div>
      </Tooltip.Provider>
    </div>
  );
}

function Level({ local }: { local: LocalMedia }) {
  const t = useText(settingsTexts);
  const { on, track } = useObservable(local.state, (state) => state.microphone);
  const level = useMicrophoneLevel(on ? track : null);
  return (
    <div className="flex items-center gap-3">
      <Mic className="size-5 shrink-0 text-soft" aria-hidden="true" />
      <meter aria-label={t("level")} value={level} className="sr-only" />
      <div aria-hidden="true" className="h-2 grow overflow-hidden rounded-full bg-raised">
        <div
          style={{ transform: `scaleX(${level})` }}
          className="h-full origin-left rounded-full bg-brand transition-transform duration-75"
        />
      </div>
    </div>
  );
}

function Problems({ local }: { local: LocalMedia }) {
  const t = useText(meetingTexts);
  const { camera, microphone } = useObservable(local.state);
  if (camera.problem === "insecure") return <Notice>{t("unencrypted")}</Notice>;
  return (
    <>
      {camera.problem && <Notice>{t(`camera_${camera.problem}`)}</Notice>}
      {microphone.problem && <Notice>{t(`microphone_${microphone.problem}`)}</Notice>}
    </>
  );
}
