import { CircleStop, DoorOpen, Ellipsis, Link2, LockKeyhole, Pencil } from "lucide-react";
import { useState } from "react";
import { Badge } from "@/components/badge";
import { ButtonLink } from "@/components/button";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { IconButton } from "@/components/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/components/menu";
import { Time } from "@/components/time";
import { useText } from "@/i18n/text";
import { meetingsTexts } from "@/locales/meetings";
import { EditDialog } from "./meeting-dialog";
import { useEndMeeting } from "./queries";
import type { Meeting } from "./sorting";
import { useCopyLink } from "./use-copy-link";

/** One meeting: when, what, whose, and the way in. */
export function MeetingRow({ meeting }: { meeting: Meeting }) {
  const t = useText(meetingsTexts);
  const { id, role, host, ended_at, running } = meeting;
  const title = meeting.title || t("untitled");
  return (
    <div className="flex min-h-18 items-center gap-2 rounded-2xl py-2 pl-3 pr-1 sm:gap-3 transition-colors hover:bg-raised/60">
      <div className="min-w-0 grow">
        <p className="flex items-center gap-2">
          <span className="line-clamp-2 min-w-0 break-words font-semibold sm:line-clamp-1">
            {title}
          </span>
          <Signs meeting={meeting} />
        </p>
        <p className="text-sm text-soft sm:truncate">
          <Time value={meeting.starts_at ?? meeting.created_at} />
          {" · "}
          {role === "host" ? t("you_host") : t("hosted_by", { name: host.name })}
        </p>
      </div>
      {ended_at ? (
        <Badge>{t("ended")}</Badge>
      ) : (
        <ButtonLink
          to={`/m/${id}`}
          look={running ? "primary" : "quiet"}
          aria-label={t("join_named", { title })}
          className="px-3!"
        >
          {t("join")}
        </ButtonLink>
      )}
      {ended_at ? <span className="w-11" /> : <Choices meeting={meeting} title={title} />}
    </div>
  );
}

function Signs({ meeting: { password_required, lobby } }: { meeting: Meeting }) {
  const t = useText(meetingsTexts);
  return (
    <>
      {password_required && (
        <LockKeyhole
          role="img"
          className="size-4 shrink-0 text-soft"
          aria-label={t("has_password")}
        />
      )}
      {lobby !== "off" && (
        <DoorOpen role="img" className="size-4 shrink-0 text-soft" aria-label={t("has_lobby")} />
      )}
    </>
  );
}

function Choices({ meeting, title }: { meeting: Meeting; title: string }) {
  const t = useText(meetingsTexts);
  const copy = useCopyLink();
  const end = useEndMeeting(meeting.id);
  const [asking, setAsking] = useState<"edit" | "end" | null>(null);
  const close = () => setAsking(null);
  const moderates = meeting.role === "host" || meeting.role === "cohost";
  return (
    <>
      <Menu trigger={<IconButton label={t("what_to_do", { title })} icon={Ellipsis} />}>
        <MenuItem icon={Link2} onChoose={() => void copy(meeting.url)}>
          {t("copy_link")}
        </MenuItem>
        {moderates && (
          <MenuItem icon={Pencil} onChoose={() => setAsking("edit")}>
            {t("edit")}
          </MenuItem>
        )}
        {meeting.role === "host" && (
          <>
            <MenuSeparator />
            <MenuItem icon={CircleStop} danger onChoose={() => setAsking("end")}>
              {t("end")}
            </MenuItem>
          </>
        )}
      </Menu>
      <EditDialog meeting={meeting} open={asking === "edit"} onOpenChange={close} />
      <ConfirmDialog
        open={asking === "end"}
        onOpenChange={close}
        title={t("end_it", { title })}
        action={t("end")}
        onConfirm={() => end.mutateAsync()}
      >
        {t("end_for_all")}
      </ConfirmDialog>
    </>
  );
}
