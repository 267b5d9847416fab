import {
  Crown,
  EllipsisVertical,
  Hand,
  type LucideIcon,
  MessageSquare,
  MicOff,
  MonitorX,
  ShieldCheck,
  ShieldMinus,
  UserX,
  VideoOff,
} from "lucide-react";
import { useState } from "react";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { IconButton } from "@/components/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/components/menu";
import { useText } from "@/i18n/text";
import { panelsTexts } from "@/locales/panels";
import type { MediaSession } from "@/media/session";
import type { Panels } from "./panels";
import type { Person, Power } from "./people";
import { useAct } from "./use-act";

const ICONS: Record<Power, LucideIcon> = {
  mute: MicOff,
  stop_video: VideoOff,
  stop_screen: MonitorX,
  lower_hand: Hand,
  make_cohost: ShieldCheck,
  make_participant: ShieldMinus,
  hand_over: Crown,
  remove: UserX,
};

/** What cannot be taken back is asked for once more. */
const ASKED = ["remove", "hand_over"] as const satisfies Power[];
type Asked = (typeof ASKED)[number];

interface Props {
  person: Person;
  powers: readonly Power[];
  panels: Panels;
}

/** For everybody: to write in private; for hosts, what they may do to somebody. */
export function PersonMenu({ person, powers, panels }: Props) {
  const t = useText(panelsTexts);
  const act = useAct();
  const { session } = panels;
  const [asking, setAsking] = useState<Asked | null>(null);
  const { name } = person;

  function choose(power: Power) {
    const asked = ASKED.find((one) => one === power);
    if (asked) setAsking(asked);
    else act(exercise(power, person, session));
  }

  return (
    <>
      <Menu
        className="stage"
        trigger={
          <IconButton
            label={t("actions_for", { name })}
            icon={EllipsisVertical}
            className="size-9"
          />
        }
      >
        <MenuItem icon={MessageSquare} onChoose={() => panels.writeTo(person)}>
          {t("write_to")}
        </MenuItem>
        {powers.length > 0 && <MenuSeparator />}
        {powers.map((power) => (
          <MenuItem
            key={power}
            icon={ICONS[power]}
            danger={power === "remove"}
            onChoose={() => choose(power)}
          >
            {t(`do_${power}`)}
          </MenuItem>
        ))}
      </Menu>
      {ASKED.map((power) => (
        <ConfirmDialog
          key={power}
          open={asking === power}
          onOpenChange={(open) => !open && setAsking(null)}
          title={t(`ask_${power}`, { name })}
          action={t(`do_${power}`)}
          danger={power === "remove"}
          className="stage"
          onConfirm={() => exercise(power, person, session)}
        >
          {t(power === "remove" && person.role === "guest" ? "ask_remove_guest" : `why_${power}`, {
            name,
          })}
        </ConfirmDialog>
      ))}
    </>
  );
}

function exercise(power: Power, { id }: Person, session: MediaSession): Promise<unknown> {
  const participant = { participant_id: id };
  switch (power) {
    case "mute":
      return session.request("mute_participant", { ...participant, sources: ["microphone"] });
    case "stop_video":
      return session.request("mute_participant", { ...participant, sources: ["camera"] });
    case "stop_screen":
      return session.request("mute_participant", {
        ...participant,
        sources: ["screen", "screen_audio"],
      });
    case "make_cohost":
      return session.request("set_role", { ...participant, role: "cohost" });
    case "make_participant":
      return session.request("set_role", { ...participant, role: "participant" });
    default:
      return session.request(power, participant);
  }
}
