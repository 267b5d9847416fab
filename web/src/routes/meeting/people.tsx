import { Mic, MicOff, Users, Video, VideoOff } from "lucide-react";
import { Popover } from "radix-ui";
import { Avatar } from "@/components/avatar";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { MediaSession } from "@/media/session";
import { useObservable } from "@/store/use-observable";
import { StageButton } from "./stage-button";

interface Person {
  id: string;
  name: string;
  note: string;
  voice: boolean;
  picture: boolean;
}

/** How many are here, and who. */
export function People({ session }: { session: MediaSession }) {
  const t = useText(meetingTexts);
  const people = usePeople(session);
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <StageButton label={t("participants_count", { count: people.length })} className="relative">
          <Users className="size-5.5" aria-hidden="true" />
          <span
            data-testid="participant-count"
            className="absolute right-1 top-1 min-w-4.5 rounded-full bg-brand px-1 text-center text-xs font-bold text-on-brand tabular-nums"
          >
            {people.length}
          </span>
        </StageButton>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side="top"
          sideOffset={12}
          collisionPadding={12}
          aria-label={t("participants")}
          className="stage z-30 max-h-[60dvh] w-80 max-w-[calc(100vw-1.5rem)] animate-rise overflow-y-auto rounded-2xl border border-line p-2 shadow-2xl"
        >
          <ul>
            {people.map((person) => (
              <PersonRow key={person.id} person={person} />
            ))}
          </ul>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function PersonRow({ person }: { person: Person }) {
  const t = useText(meetingTexts);
  const VoiceIcon = person.voice ? Mic : MicOff;
  const PictureIcon = person.picture ? Video : VideoOff;
  return (
    <li className="flex items-center gap-3 rounded-xl px-2 py-2">
      <Avatar name={person.name} className="size-9 text-sm" />
      <span className="min-w-0 grow truncate">
        {person.name} <span className="text-soft">{person.note}</span>
      </span>
      <VoiceIcon
        className="size-4.5 text-soft"
        role="img"
        aria-label={t(person.voice ? "microphone_on" : "muted")}
      />
      <PictureIcon
        className="size-4.5 text-soft"
        role="img"
        aria-label={t(person.picture ? "camera_on" : "camera_off")}
      />
    </li>
  );
}

function usePeople(session: MediaSession): Person[] {
  const t = useText(meetingTexts);
  const { roster, selfName } = useObservable(session.state);
  const { camera, microphone } = useObservable(session.local.state);
  const self = {
    id: "self",
    name: selfName,
    note: t("you_note"),
    voice: microphone.on,
    picture: camera.on,
  };
  const others = [...roster.values()].map(({ id, name, guest, tracks }) => ({
    id,
    name,
    note: guest ? t("guest") : "",
    voice: tracks.some((track) => track.source === "microphone" && !track.muted),
    picture: tracks.some((track) => track.source === "camera" && !track.muted),
  }));
  return [self, ...others];
}
