import { showToast } from "@/components/toasts";
import { useText } from "@/i18n/text";
import { copyText } from "@/lib/clipboard";
import { meetingsTexts } from "@/locales/meetings";

/** Copies the invitation; where the browser does not allow that, shows it for copying by hand. */
export function useCopyLink(): (url: string) => Promise<void> {
  const t = useText(meetingsTexts);
  return async (url) => showToast((await copyText(url)) ? t("link_copied") : url);
}
