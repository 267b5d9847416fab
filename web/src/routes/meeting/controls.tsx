import { PhoneOff } from "lucide-react";
import type { ReactNode } from "react";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { LocalMedia } from "@/media/local";
import type { MediaSession } from "@/media/session";
import { DeviceMenu } from "./device-menu";
import { CameraToggle, MicrophoneToggle } from "./device-toggles";
import { MoreMenu } from "./more-menu";
import { PanelButtons } from "./panels/panel-buttons";
import type { Panels } from "./panels/panels";
import { StageButton } from "./stage-button";
import { useScreenShare } from "./use-screen-share";

interface Props {
  session: MediaSession;
  panels: Panels;
}

/** Below the stage. What a phone has no room for is behind "More". */
export function Controls({ session, panels }: Props) {
  const t = useText(meetingTexts);
  const { local } = session;
  return (
    <footer className="flex items-center justify-center gap-1.5 px-2 pb-[max(0.75rem,env(safe-area-inset-bottom))] pt-3 md:gap-3">
      <WithMenu menu={<DeviceMenu local={local} of="microphone" />}>
        <MicrophoneToggle local={local} />
      </WithMenu>
      <WithMenu menu={<DeviceMenu local={local} of="camera" />}>
        <CameraToggle local={local} />
      </WithMenu>
      <ScreenToggle local={local} />
      <PanelButtons panels={panels} />
      <MoreMenu session={session} panels={panels} />
      <StageButton
        label={t("leave")}
        look="leave"
        className="md:px-5"
        onClick={() => session.leave()}
      >
        <PhoneOff className="size-5.5" aria-hidden="true" />
      </StageButton>
    </footer>
  );
}

/** A device's button and the choice of another device, as one. */
function WithMenu({ menu, children }: { menu: ReactNode; children: ReactNode }) {
  return (
    <div className="flex gap-px sm:*:first:rounded-r-md">
      {children}
      {menu}
    </div>
  );
}

function ScreenToggle({ local }: { local: LocalMedia }) {
  const share = useScreenShare(local);
  if (!share) return null;
  return (
    <StageButton
      label={share.label}
      look={share.sharing ? "active" : "plain"}
      className="max-sm:hidden"
      onClick={share.press}
    >
      <share.Icon className="size-5.5" aria-hidden="true" />
    </StageButton>
  );
}
