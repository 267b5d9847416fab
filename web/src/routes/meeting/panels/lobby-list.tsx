import { UserX } from "lucide-react";
import { Avatar } from "@/components/avatar";
import { Button } from "@/components/button";
import { IconButton } from "@/components/icon-button";
import { Menu, MenuItem } from "@/components/menu";
import { useText } from "@/i18n/text";
import { panelsTexts } from "@/locales/panels";
import type { MediaSession } from "@/media/session";
import type { LobbyPerson } from "@/signaling/messages";
import { useObservable } from "@/store/use-observable";
import { useAct } from "./use-act";

/** Who waits, who came first first. */
export function LobbyList({ session }: { session: MediaSession }) {
  const t = useText(panelsTexts);
  const act = useAct();
  const lobby = useObservable(session.state, (state) => state.lobby);
  return (
    <section aria-label={t("waiting")} className="mb-3 rounded-2xl border border-sun/50 p-2">
      <div className="flex min-h-11 items-center justify-between gap-2 pl-2">
        <h3 className="text-sm font-semibold text-sun">
          {t("waiting_count", { count: lobby.length })}
        </h3>
        {lobby.length > 1 && (
          <Button
            look="plain"
            className="px-3"
            onClick={() => act(session.request("admit_all", {}))}
          >
            {t("admit_all")}
          </Button>
        )}
      </div>
      <ul>
        {lobby.map((person) => (
          <Row key={person.id} person={person} session={session} />
        ))}
      </ul>
    </section>
  );
}

function Row({ person, session }: { person: LobbyPerson; session: MediaSession }) {
  const t = useText(panelsTexts);
  const act = useAct();
  const { id: person_id, name, guest } = person;
  return (
    <li className="flex min-h-13 items-center gap-2.5 pl-2">
      <Avatar name={name} className="size-9 text-sm" />
      <div className="min-w-0 grow leading-tight">
        <p className="truncate font-medium">{name}</p>
        {guest && <p className="text-sm text-soft">{t("role_guest")}</p>}
      </div>
      <Button
        className="px-3.5"
        aria-label={t("admit_name", { name })}
        onClick={() => act(session.request("admit", { person_id }))}
      >
        {t("admit")}
      </Button>
      <Menu
        className="stage"
        trigger={<IconButton label={t("refuse_name", { name })} icon={UserX} className="size-9" />}
      >
        <MenuItem onChoose={() => act(session.request("refuse", { person_id, keep_out: false }))}>
          {t("refuse")}
        </MenuItem>
        <MenuItem
          danger
          onChoose={() => act(session.request("refuse", { person_id, keep_out: true }))}
        >
          {t("keep_out")}
        </MenuItem>
      </Menu>
    </li>
  );
}
