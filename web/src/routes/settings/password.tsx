import type { FormEvent } from "react";
import { Button } from "@/components/button";
import { Field } from "@/components/field";
import { FormError } from "@/components/form-error";
import { Panel } from "@/components/screen";
import { showToast } from "@/components/toasts";
import { useText } from "@/i18n/text";
import { settingsTexts } from "@/locales/settings";
import { useNewPassword } from "./queries";

const FIELDS = ["current", "new"];

export function Password() {
  const t = useText(settingsTexts);
  const change = useNewPassword();
  const fields = change.error?.fields ?? {};
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    change.mutate(
      { current: String(given.get("current")), new: String(given.get("new")) },
      {
        onSuccess: () => {
          form.reset();
          showToast(t("password_changed"));
        },
      },
    );
  }
  return (
    <Panel title={t("password")}>
      <p className="mb-5 text-soft">{t("password_about")}</p>
      <form onSubmit={submit} className="grid gap-5 sm:grid-cols-2">
        <Field
          label={t("current_password")}
          name="current"
          type="password"
          autoComplete="current-password"
          maxLength={128}
          required
          error={fields.current && t("wrong_password")}
        />
        <Field
          label={t("new_password")}
          name="new"
          type="password"
          autoComplete="new-password"
          minLength={8}
          maxLength={128}
          required
          hint={t("new_password_hint")}
          error={fields.new}
        />
        <div className="grid justify-items-start gap-4 sm:col-span-2">
          <FormError error={change.error} fields={FIELDS} />
          <Button type="submit" look="quiet" pending={change.isPending}>
            {t("change_password")}
          </Button>
        </div>
      </form>
    </Panel>
  );
}
