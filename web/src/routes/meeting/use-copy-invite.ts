import { useToast } from "./toast";

/** Copies an invite link; where the browser does not allow that, shows it for copying by hand. */
export function useCopyInvite(url: string): () => Promise<void> {
  const toast = useToast();
  return async () => {
    try {
      await navigator.clipboard.writeText(url);
      toast("Invite link copied");
    } catch {
      window.prompt("Copy this link:", url);
    }
  };
}
