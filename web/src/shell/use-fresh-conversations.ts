import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { keys } from "@/api/keys";
import { live } from "@/live";

/** ms in which a lively conversation lets the list be asked for once. */
const PAUSE = 1_000;

/** Asks for the list again when something was said or read, here or on another device. */
export function useFreshConversations(): void {
  const client = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = () => {
      timer = undefined;
      void client.invalidateQueries({ queryKey: [...keys.conversations.all, "list"] });
    };
    const soon = () => {
      timer ??= setTimeout(refresh, PAUSE);
    };
    const stops = [
      live.on("message", soon),
      live.on("conversation", soon),
      live.on("read", soon),
      live.onAnew(soon),
    ];
    return () => {
      for (const stop of stops) stop();
      clearTimeout(timer);
    };
  }, [client]);
}
