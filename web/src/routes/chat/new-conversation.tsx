import { useState } from "react";
import { useNavigate } from "react-router";
import { Button } from "@/components/button";
import { Dialog, DialogActions } from "@/components/dialog";
import { Field } from "@/components/field";
import { FormError } from "@/components/form-error";
import { useText } from "@/i18n/text";
import { chatTexts } from "@/locales/chat";
import { commonTexts } from "@/locales/common";
import type { Person } from "@/routes/people/queries";
import { PeoplePicker } from "./people-picker";
import { useBegin } from "./queries";

/** With one person, or a group of several. */
export function NewConversation({ onClose }: { onClose: () => void }) {
  const t = useText(chatTexts);
  const common = useText(commonTexts);
  const navigate = useNavigate();
  const begin = useBegin();
  const [chosen, setChosen] = useState<Person[]>([]);
  const [title, setTitle] = useState("");
  const [one] = chosen;
  const group = chosen.length > 1;
  function submit() {
    if (!one) return;
    const user_ids = chosen.map(({ id }) => id);
    begin.mutate(
      group
        ? { kind: "group", title: title.trim(), user_ids }
        : { kind: "direct", user_id: one.id },
      {
        onSuccess: ({ id }) => {
          onClose();
          void navigate(`/chat/${id}`);
        },
      },
    );
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("new")}
      description={t("new_hint")}
    >
      <form
        className="grid grid-cols-[minmax(0,1fr)] gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <PeoplePicker chosen={chosen} onChange={setChosen} />
        {group && (
          <Field
            label={t("group_title")}
            value={title}
            onChange={(event) => setTitle(event.target.value)}
            maxLength={100}
            required
            error={begin.error?.fields.title}
          />
        )}
        <FormError error={begin.error} fields={["title"]} />
        <DialogActions>
          <Button look="quiet" onClick={onClose}>
            {common("cancel")}
          </Button>
          <Button type="submit" pending={begin.isPending} disabled={!one || begin.isPending}>
            {t(group ? "begin_group" : "begin")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
