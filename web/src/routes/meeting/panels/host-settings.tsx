import { useState } from "react";
import { Button } from "@/components/button";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Dialog } from "@/components/dialog";
import { Select } from "@/components/field";
import { Switch } from "@/components/switch";
import { useText } from "@/i18n/text";
import { panelsTexts } from "@/locales/panels";
import type { MediaSession } from "@/media/session";
import type { Meeting, RequestBody } from "@/signaling/messages";
import { useObservable } from "@/store/use-observable";
import { useAct } from "./use-act";

const LOBBIES: readonly Meeting["lobby"][] = ["off", "guests", "all"];

interface Props {
  session: MediaSession;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Who comes in, and the end. What is chosen holds at once. */
export function HostSettings({ session, open, onOpenChange }: Props) {
  const t = useText(panelsTexts);
  const act = useAct();
  const meeting = useObservable(session.state, (state) => state.meeting);
  const role = useObservable(session.state, (state) => state.role);
  const [ending, setEnding] = useState(false);
  const change = (changes: RequestBody<"update_meeting">) =>
    act(session.request("update_meeting", changes));
  if (!meeting) return null;
  return (
    <>
      <Dialog
        open={open}
        onOpenChange={onOpenChange}
        title={t("host_settings")}
        className="stage"
        description={t("host_settings_hint")}
      >
        <div className="grid gap-4">
          <Switch
            label={t("locked")}
            hint={t("locked_hint")}
            checked={meeting.locked}
            onChange={(locked) => change({ locked })}
          />
          <Switch
            label={t("guests_allowed")}
            hint={t("guests_allowed_hint")}
            checked={meeting.guests_allowed}
            onChange={(guests_allowed) => change({ guests_allowed })}
          />
          <Select
            label={t("lobby")}
            value={meeting.lobby}
            options={LOBBIES.map((value) => ({ value, label: t(`lobby_${value}`) }))}
            onChoose={(lobby) => change({ lobby })}
          />
        </div>
        {role === "host" && (
          <Button look="danger" className="justify-self-start" onClick={() => setEnding(true)}>
            {t("end")}
          </Button>
        )}
      </Dialog>
      <ConfirmDialog
        open={ending}
        onOpenChange={setEnding}
        title={t("ask_end")}
        action={t("end")}
        className="stage"
        onConfirm={() => session.request("end_meeting", {})}
      >
        {t("why_end")}
      </ConfirmDialog>
    </>
  );
}
