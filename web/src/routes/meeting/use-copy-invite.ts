import { showToast } from "@/components/toasts";
import { useText } from "@/i18n/text";
import { copyText } from "@/lib/clipboard";
import { meetingTexts } from "@/locales/meeting";

/** Copies an invite link; where the browser does not allow that, shows it for copying by hand. */
export function useCopyInvite(url: string): () => Promise<void> {
  const t = useText(meetingTexts);
  return async () => {
    showToast((await copyText(url)) ? { text: t("invite_copied") } : { text: url });
  };
}
