import { type FormEvent, useState } from "react";
import { Button } from "@/components/button";
import { Dialog, DialogActions } from "@/components/dialog";
import { Field } from "@/components/field";
import { FormError } from "@/components/form-error";
import { Panel } from "@/components/screen";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";
import { settingsTexts } from "@/locales/settings";
import { useDeleteAccount } from "./queries";

export function Farewell() {
  const t = useText(settingsTexts);
  const [open, setOpen] = useState(false);
  return (
    <Panel title={t("delete_account")}>
      <div className="flex flex-wrap items-center justify-between gap-4">
        <p className="text-soft">{t("delete_about")}</p>
        <Button look="quiet" className="text-alarm" onClick={() => setOpen(true)}>
          {t("delete_open")}
        </Button>
      </div>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={t("delete_account")}
        description={t("delete_about")}
      >
        <FarewellForm onCancel={() => setOpen(false)} />
      </Dialog>
    </Panel>
  );
}

function FarewellForm({ onCancel }: { onCancel: () => void }) {
  const t = useText(settingsTexts);
  const common = useText(commonTexts);
  const remove = useDeleteAccount();
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    remove.mutate(String(new FormData(event.currentTarget).get("password")));
  }
  return (
    <form onSubmit={submit} className="grid gap-4">
      <p>{t("delete_goes")}</p>
      <p>{t("delete_stays")}</p>
      <Field
        label={t("delete_password")}
        name="password"
        type="password"
        autoComplete="current-password"
        maxLength={128}
        required
        error={remove.error?.fields.password && t("wrong_password")}
      />
      <FormError error={remove.error} fields={["password"]} />
      <DialogActions>
        <Button look="quiet" onClick={onCancel}>
          {common("cancel")}
        </Button>
        <Button type="submit" look="danger" pending={remove.isPending}>
          {t("delete_for_good")}
        </Button>
      </DialogActions>
    </form>
  );
}
