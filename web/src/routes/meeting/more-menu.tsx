import {
  ChartNoAxesColumn,
  EllipsisVertical,
  Keyboard,
  LayoutGrid,
  Link2,
  RectangleHorizontal,
  Settings,
} from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useState } from "react";
import { Dialog } from "@/components/dialog";
import { Menu, MenuItem, MenuSeparator } from "@/components/menu";
import { useText } from "@/i18n/text";
import { useMatches } from "@/lib/use-matches";
import { meetingTexts } from "@/locales/meeting";
import { panelsTexts } from "@/locales/panels";
import type { MediaSession } from "@/media/session";
import { useObservable } from "@/store/use-observable";
import { DeviceProblems } from "./device-problems";
import { DeviceChoices } from "./device-select";
import type { Panels } from "./panels/panels";
import { EMOJIS } from "./panels/reactions";
import { buttonId } from "./panels/side-panel";
import { useAct } from "./panels/use-act";
import { StageButton } from "./stage-button";
import { useCopyInvite } from "./use-copy-invite";
import { useScreenShare } from "./use-screen-share";

interface Props {
  session: MediaSession;
  panels: Panels;
}

/** Where the bar has not room for all, and where there is no header. */
const NARROW = "(width < 40rem)";
const BARE = "(width < 40rem) or (height < 30rem)";

export function MoreMenu({ session, panels }: Props) {
  const t = useText(meetingTexts);
  const panel = useText(panelsTexts);
  const narrow = useMatches(NARROW);
  const bare = useMatches(BARE);
  const [devices, setDevices] = useState(false);
  return (
    <>
      <Menu
        side="top"
        className="stage"
        trigger={
          <StageButton id={buttonId("statistics")} label={t("more")}>
            <EllipsisVertical className="size-5.5" aria-hidden="true" />
          </StageButton>
        }
      >
        {narrow && <BarItems session={session} />}
        {bare && <HeaderItems session={session} />}
        <MenuItem icon={Settings} onChoose={() => setDevices(true)}>
          {t("devices")}
        </MenuItem>
        <MenuItem icon={ChartNoAxesColumn} onChoose={() => panels.toggle("statistics")}>
          {panel("statistics")}
        </MenuItem>
        <MenuItem icon={Keyboard} onChoose={() => panels.help.set(true)}>
          {panel("shortcuts")}
        </MenuItem>
      </Menu>
      <Dialog open={devices} onOpenChange={setDevices} title={t("devices")} className="stage">
        <DeviceProblems local={session.local} />
        <DeviceChoices local={session.local} />
      </Dialog>
    </>
  );
}

/** What is beside this menu in a wider window. */
function BarItems({ session }: { session: MediaSession }) {
  const share = useScreenShare(session.local);
  return (
    <>
      <ReactionItems session={session} />
      <MenuSeparator />
      {share && (
        <MenuItem icon={share.Icon} onChoose={share.press}>
          {share.label}
        </MenuItem>
      )}
    </>
  );
}

function HeaderItems({ session }: { session: MediaSession }) {
  const t = useText(meetingTexts);
  const url = useObservable(session.state, (state) => state.meeting?.invite_url);
  const copy = useCopyInvite(url ?? location.href);
  const layout = useObservable(session.outlook, (outlook) => outlook.layout);
  const other = layout === "grid" ? "speaker" : "grid";
  return (
    <>
      <MenuItem
        icon={other === "grid" ? LayoutGrid : RectangleHorizontal}
        onChoose={() => session.outlook.patch({ layout: other })}
      >
        {t(`${other}_view`)}
      </MenuItem>
      <MenuItem icon={Link2} onChoose={copy}>
        {t("copy_invite")}
      </MenuItem>
    </>
  );
}

function ReactionItems({ session }: { session: MediaSession }) {
  const act = useAct();
  return (
    <div className="grid grid-cols-4">
      {EMOJIS.map((emoji) => (
        <DropdownMenu.Item
          key={emoji}
          onSelect={() => act(session.request("react", { emoji }))}
          className="grid h-11 cursor-pointer place-items-center rounded-lg text-2xl outline-none select-none data-highlighted:bg-raised"
        >
          {emoji}
        </DropdownMenu.Item>
      ))}
    </div>
  );
}
