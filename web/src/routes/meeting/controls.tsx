import { Link2, MonitorUp, MonitorX, PhoneOff, Settings } from "lucide-react";
import { Popover } from "radix-ui";
import { showToast } from "@/components/toasts";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { LocalMedia } from "@/media/local";
import type { MediaSession } from "@/media/session";
import { useObservable } from "@/store/use-observable";
import { DeviceChoices } from "./device-select";
import { CameraToggle, MicrophoneToggle } from "./device-toggles";
import { PanelButtons } from "./panels/panel-buttons";
import type { Panels } from "./panels/panels";
import { StageButton } from "./stage-button";
import { useCopyInvite } from "./use-copy-invite";

interface Props {
  session: MediaSession;
  panels: Panels;
}

export function Controls({ session, panels }: Props) {
  const t = useText(meetingTexts);
  const { local } = session;
  return (
    <footer className="flex items-center justify-center gap-1.5 px-2 pb-[max(0.75rem,env(safe-area-inset-bottom))] pt-3 sm:gap-3">
      <MicrophoneToggle local={local} />
      <CameraToggle local={local} />
      <ScreenToggle local={local} />
      <PanelButtons panels={panels} />
      <CopyInvite session={session} />
      <DeviceSettings local={local} />
      <StageButton
        label={t("leave")}
        look="leave"
        className="sm:px-5"
        onClick={() => session.leave()}
      >
        <PhoneOff className="size-5.5" aria-hidden="true" />
      </StageButton>
    </footer>
  );
}

function ScreenToggle({ local }: { local: LocalMedia }) {
  const t = useText(meetingTexts);
  const sharing = useObservable(local.state, (state) => state.screen !== null);
  if (!navigator.mediaDevices?.getDisplayMedia) return null;
  async function share() {
    try {
      await local.shareScreen();
    } catch (error) {
      const chosenNothing = error instanceof DOMException && error.name === "NotAllowedError";
      if (!chosenNothing) showToast({ text: t("share_failed"), problem: true });
    }
  }
  const Icon = sharing ? MonitorX : MonitorUp;
  return (
    <StageButton
      label={sharing ? t("share_stop") : t("share")}
      look={sharing ? "active" : "plain"}
      onClick={sharing ? () => local.stopScreen() : share}
    >
      <Icon className="size-5.5" aria-hidden="true" />
    </StageButton>
  );
}

function CopyInvite({ session }: { session: MediaSession }) {
  const t = useText(meetingTexts);
  const url = useObservable(session.state, (state) => state.meeting?.invite_url);
  const copy = useCopyInvite(url ?? location.href);
  return (
    <StageButton label={t("copy_invite")} onClick={copy}>
      <Link2 className="size-5.5" aria-hidden="true" />
    </StageButton>
  );
}

function DeviceSettings({ local }: { local: LocalMedia }) {
  const t = useText(meetingTexts);
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <StageButton label={t("devices")}>
          <Settings className="size-5.5" aria-hidden="true" />
        </StageButton>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side="top"
          sideOffset={12}
          collisionPadding={12}
          aria-label={t("devices")}
          className="stage z-30 w-80 max-w-[calc(100vw-1.5rem)] animate-rise rounded-2xl border border-line p-4 shadow-2xl"
        >
          <DeviceChoices local={local} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
