import { type FormEvent, useState } from "react";
import { Button } from "@/components/button";
import { Field } from "@/components/field";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";

interface Props {
  /** The last one was. */
  wrong: boolean;
  onPassword: (password: string) => void;
}

/** Asks for a meeting's password. */
export function PasswordForm({ wrong, onPassword }: Props) {
  const t = useText(meetingTexts);
  const [password, setPassword] = useState("");
  function submit(event: FormEvent) {
    event.preventDefault();
    onPassword(password);
  }
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field
        label={t("meeting_password")}
        type="password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        autoComplete="off"
        maxLength={128}
        required
        error={wrong ? t("password_wrong") : undefined}
      />
      <Button type="submit">{t("enter")}</Button>
    </form>
  );
}
