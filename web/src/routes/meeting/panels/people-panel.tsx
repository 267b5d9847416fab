import { Hand, Mic, MicOff, MonitorUp, ShieldCheck, Video, VideoOff, VolumeX } from "lucide-react";
import { type FocusEvent, useEffect, useMemo, useRef, useState } from "react";
import { Avatar } from "@/components/avatar";
import { Button } from "@/components/button";
import { showToast } from "@/components/toasts";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import { panelsTexts } from "@/locales/panels";
import { moderates } from "@/media/roster";
import type { MediaSession } from "@/media/session";
import { useObservable } from "@/store/use-observable";
import { HostSettings } from "./host-settings";
import { LobbyList } from "./lobby-list";
import type { Panels } from "./panels";
import { isCalled, type Person, peopleOf, powersOver } from "./people";
import { PersonMenu } from "./person-menu";
import { useAct } from "./use-act";

/** More than these one does not find at a glance. */
const MANY = 12;

/** Who is here, who waits, and what a host may do about both. */
export default function PeoplePanel({ panels }: { panels: Panels }) {
  const { session } = panels;
  const t = useText(panelsTexts);
  const [wanted, setWanted] = useState("");
  const role = useObservable(session.state, (state) => state.role);
  const waiting = useObservable(session.state, (state) => state.lobby.length);
  const people = usePeople(session);
  const keepFocus = useKeepFocus();
  return (
    <div {...keepFocus} className="flex h-full flex-col outline-none">
      <div className="min-h-0 grow overflow-y-auto overscroll-contain px-2 pb-3">
        {waiting > 0 && <LobbyList session={session} />}
        <h3 className="px-2 pt-1 pb-1 text-sm font-semibold text-soft">
          {t("here", { count: people.length })}
        </h3>
        {people.length > MANY && (
          <input
            type="search"
            aria-label={t("find")}
            placeholder={t("find")}
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
            className="mx-2 mt-1 mb-2 min-h-11 w-[calc(100%-1rem)] rounded-xl border border-soft/60 bg-surface px-3.5 placeholder:text-soft"
          />
        )}
        <ul>
          {people
            .filter((person) => people.length <= MANY || isCalled(person, wanted))
            .map((person) => (
              <PersonRow key={person.id} person={person} panels={panels} own={role} />
            ))}
        </ul>
      </div>
      {moderates(role) && <HostBar session={session} />}
    </div>
  );
}

function usePeople({ state, local }: MediaSession): Person[] {
  const selfId = useObservable(state, (now) => now.selfId);
  const selfName = useObservable(state, (now) => now.selfName);
  const role = useObservable(state, (now) => now.role);
  const hand = useObservable(state, (now) => now.hand);
  const roster = useObservable(state, (now) => now.roster);
  const devices = useObservable(local.state);
  return useMemo(
    () => peopleOf({ selfId, selfName, role, hand, roster }, devices),
    [selfId, selfName, role, hand, roster, devices],
  );
}

/** Whoever pressed something that is gone, as "Admit", stays in the panel. */
function useKeepFocus() {
  const panel = useRef<HTMLDivElement>(null);
  const last = useRef<Element | null>(null);
  useEffect(() => {
    const lost = document.activeElement === document.body;
    if (lost && last.current && !last.current.isConnected) panel.current?.focus();
  });
  const onFocus = (event: FocusEvent) => {
    last.current = event.target;
  };
  return { ref: panel, tabIndex: -1, onFocus };
}

interface RowProps {
  person: Person;
  panels: Panels;
  own: Person["role"];
}

function PersonRow({ person, panels, own }: RowProps) {
  const t = useText(panelsTexts);
  const meeting = useText(meetingTexts);
  const { name, self, role, hand, voice, picture, screen } = person;
  const VoiceIcon = voice ? Mic : MicOff;
  const PictureIcon = picture ? Video : VideoOff;
  return (
    <li
      data-person={name}
      className="flex min-h-13 items-center gap-3 rounded-xl px-2 hover:bg-raised/60"
    >
      <Avatar name={name} className="size-9 text-sm" />
      <div className="min-w-0 grow leading-tight">
        <p className="truncate font-medium">
          {name} {self && <span className="font-normal text-soft">{meeting("you_note")}</span>}
        </p>
        {role !== "participant" && <p className="text-sm text-soft">{t(`role_${role}`)}</p>}
      </div>
      {hand !== null && (
        <Hand className="size-4.5 shrink-0 text-sun" role="img" aria-label={t("hand_raised")} />
      )}
      {screen && (
        <MonitorUp
          className="size-4.5 shrink-0 text-brand"
          role="img"
          aria-label={t("shows_screen")}
        />
      )}
      <VoiceIcon
        className={`size-4.5 shrink-0 ${voice ? "text-soft" : "text-alarm"}`}
        role="img"
        aria-label={meeting(voice ? "microphone_on" : "muted")}
      />
      <PictureIcon
        className="size-4.5 shrink-0 text-soft"
        role="img"
        aria-label={meeting(picture ? "camera_on" : "camera_off")}
      />
      {self ? (
        <span className="size-9 shrink-0" />
      ) : (
        <PersonMenu person={person} powers={powersOver(person, own)} panels={panels} />
      )}
    </li>
  );
}

function HostBar({ session }: { session: MediaSession }) {
  const t = useText(panelsTexts);
  const act = useAct();
  const [open, setOpen] = useState(false);
  function muteAll() {
    act(session.request("mute_all", {}).then(() => showToast(t("all_muted"))));
  }
  return (
    <div className="grid grid-cols-2 gap-2 border-t border-line p-3">
      <Button look="quiet" className="px-2" onClick={muteAll}>
        <VolumeX className="size-4.5" aria-hidden="true" />
        {t("mute_all")}
      </Button>
      <Button look="quiet" className="px-2" onClick={() => setOpen(true)}>
        <ShieldCheck className="size-4.5" aria-hidden="true" />
        {t("host_settings")}
      </Button>
      <HostSettings session={session} open={open} onOpenChange={setOpen} />
    </div>
  );
}
