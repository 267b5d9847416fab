import { MonitorUp, MonitorX } from "lucide-react";
import { showToast } from "@/components/toasts";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { LocalMedia } from "@/media/local";
import { useObservable } from "@/store/use-observable";

/** What a button for the own screen says and does; null where the browser shows none. */
export function useScreenShare(local: LocalMedia) {
  const t = useText(meetingTexts);
  const sharing = useObservable(local.state, (state) => state.screen !== null);
  if (!navigator.mediaDevices?.getDisplayMedia) return null;

  async function share() {
    try {
      await local.shareScreen();
    } catch (error) {
      const choseNothing = error instanceof DOMException && error.name === "NotAllowedError";
      if (!choseNothing) showToast({ text: t("share_failed"), problem: true });
    }
  }
  return {
    sharing,
    label: sharing ? t("share_stop") : t("share"),
    Icon: sharing ? MonitorX : MonitorUp,
    press: () => (sharing ? local.stopScreen() : void share()),
  };
}
