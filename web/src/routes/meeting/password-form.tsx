import { type FormEvent, useState } from "react";
import { Button } from "@/components/button";
import { Field } from "@/components/field";

interface Props {
  /** The last one was. */
  wrong: boolean;
  onPassword: (password: string) => void;
}

/** Asks for a meeting's password. */
export function PasswordForm({ wrong, onPassword }: Props) {
  const [password, setPassword] = useState("");
  function submit(event: FormEvent) {
    event.preventDefault();
    onPassword(password);
  }
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field
        label="Password of the meeting"
        type="password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        autoComplete="off"
        maxLength={128}
        required
        error={wrong ? "That was not it." : undefined}
      />
      <Button type="submit">Enter</Button>
    </form>
  );
}
