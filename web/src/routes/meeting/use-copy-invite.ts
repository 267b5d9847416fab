import { copyText } from "@/lib/clipboard";
import { useToast } from "./toast";

/** Copies an invite link; where the browser does not allow that, shows it for copying by hand. */
export function useCopyInvite(url: string): () => Promise<void> {
  const toast = useToast();
  return async () => {
    toast((await copyText(url)) ? { text: "Invite link copied" } : { text: url });
  };
}
