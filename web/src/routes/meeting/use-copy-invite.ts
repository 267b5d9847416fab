import { showToast } from "@/components/toasts";
import { copyText } from "@/lib/clipboard";

/** Copies an invite link; where the browser does not allow that, shows it for copying by hand. */
export function useCopyInvite(url: string): () => Promise<void> {
  return async () => {
    showToast((await copyText(url)) ? { text: "Invite link copied" } : { text: url });
  };
}
