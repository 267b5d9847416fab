import { useEffect } from "react";
import { showToast } from "@/components/toasts";
import { useText } from "@/i18n/text";
import { panelsTexts } from "@/locales/panels";
import type { Panels } from "./panels";

/** Says what a host has done to oneself. */
export function useHostNotices(panels: Panels): void {
  const t = useText(panelsTexts);
  useEffect(() => {
    const { session } = panels;
    const stops = [
      session.events.on("tracks_muted", ({ track_ids, by }) => {
        const name = session.state.get().roster.get(by)?.name ?? t("a_host");
        for (const source of session.sourcesOf(track_ids)) {
          if (source === "screen_audio") continue;
          const text = t(`${source}_stopped_by`, { name });
          if (source === "screen") showToast(text);
          else {
            const onClick = () => void session.local.turn(source, true);
            showToast({ text, action: { label: t(`${source}_again`), onClick } });
          }
        }
      }),
      session.events.on("role_changed", ({ participant_id, role }) => {
        const { selfId, role: before } = session.state.get();
        if (participant_id !== selfId || role === before || role === "guest") return;
        showToast(t(`became_${role}`));
      }),
      panels.handLowered.subscribe(() => showToast(t("hand_is_down"))),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [panels, t]);
}
