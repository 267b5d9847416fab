import { type FormEvent, useState } from "react";
import { useNewMeeting } from "@/api/queries";
import { Button } from "@/components/button";
import { Dialog, DialogActions } from "@/components/dialog";
import { Field, Select } from "@/components/field";
import { FormError } from "@/components/form-error";
import { Switch } from "@/components/switch";
import { showToast } from "@/components/toasts";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";
import { meetingsTexts } from "@/locales/meetings";
import { useEditMeeting } from "./queries";
import { fromLocalInput, type Meeting, toLocalInput } from "./sorting";
import { useCopyLink } from "./use-copy-link";

interface Plan {
  title: string;
  starts_at: string | null;
  guests_allowed: boolean;
  lobby: Meeting["lobby"];
  /** Absent: as it is; null: none. */
  password?: string | null;
}

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** A meeting of later, or one whose link is to be sent before. */
export function PlanDialog({ open, onOpenChange }: DialogProps) {
  const t = useText(meetingsTexts);
  const create = useNewMeeting();
  const copy = useCopyLink();
  function submit(plan: Plan) {
    create.mutate(plan, {
      onSuccess: ({ url }) => {
        onOpenChange(false);
        const action = { label: t("copy_link"), onClick: () => void copy(url) };
        showToast({ text: t("planned"), action });
      },
    });
  }
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t("plan")}>
      <MeetingForm
        action={t("create")}
        pending={create.isPending}
        error={create.error}
        onSubmit={submit}
        onCancel={() => onOpenChange(false)}
      />
    </Dialog>
  );
}

export function EditDialog({ meeting, open, onOpenChange }: DialogProps & { meeting: Meeting }) {
  const t = useText(meetingsTexts);
  const edit = useEditMeeting(meeting);
  function submit(plan: Plan) {
    edit.mutate(plan, {
      onSuccess: () => {
        onOpenChange(false);
        showToast(t("saved"));
      },
    });
  }
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t("edit_title")}>
      <MeetingForm
        meeting={meeting}
        action={t("save")}
        pending={edit.isPending}
        error={edit.error}
        onSubmit={submit}
        onCancel={() => onOpenChange(false)}
      />
    </Dialog>
  );
}

interface FormProps {
  meeting?: Meeting;
  action: string;
  pending: boolean;
  error: ReturnType<typeof useNewMeeting>["error"];
  onSubmit: (plan: Plan) => void;
  onCancel: () => void;
}

const FIELDS = ["title", "starts_at", "password"];
const LOBBIES = ["off", "guests", "all"] as const;

function MeetingForm({ meeting, action, pending, error, onSubmit, onCancel }: FormProps) {
  const t = useText(meetingsTexts);
  const common = useText(commonTexts);
  const [guests, setGuests] = useState(meeting?.guests_allowed ?? true);
  const [lobby, setLobby] = useState<Meeting["lobby"]>(meeting?.lobby ?? "off");
  const [open, setOpen] = useState(false);
  const secret = meeting?.password_required ?? false;
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = String(form.get("password") ?? "");
    onSubmit({
      title: String(form.get("title")),
      starts_at: fromLocalInput(String(form.get("starts_at"))),
      guests_allowed: guests,
      lobby,
      ...(open ? { password: null } : password && { password }),
    });
  }
  return (
    <form onSubmit={submit} className="grid gap-5">
      <Field
        label={t("about")}
        name="title"
        defaultValue={meeting?.title ?? ""}
        placeholder={t("about_example")}
        maxLength={200}
        autoComplete="off"
        error={error?.fields.title}
      />
      <Field
        label={t("starts_at")}
        name="starts_at"
        type="datetime-local"
        defaultValue={toLocalInput(meeting?.starts_at ?? null)}
        hint={t("starts_at_hint")}
        error={error?.fields.starts_at}
      />
      <Select
        label={t("lobby")}
        value={lobby}
        options={LOBBIES.map((value) => ({ value, label: t(`lobby_${value}`) }))}
        onChoose={setLobby}
      />
      <Switch label={t("guests")} hint={t("guests_hint")} checked={guests} onChange={setGuests} />
      <Field
        label={t(secret ? "new_password" : "password")}
        name="password"
        type="password"
        autoComplete="new-password"
        maxLength={128}
        disabled={open}
        hint={t(secret ? "new_password_hint" : "password_hint")}
        error={error?.fields.password}
      />
      {secret && <Switch label={t("without_password")} checked={open} onChange={setOpen} />}
      <FormError error={error} fields={FIELDS} />
      <DialogActions>
        <Button look="quiet" onClick={onCancel}>
          {common("cancel")}
        </Button>
        <Button type="submit" pending={pending}>
          {action}
        </Button>
      </DialogActions>
    </form>
  );
}
