import { type ComponentProps, useId } from "react";

interface Props extends ComponentProps<"input"> {
  label: string;
  /** Shown under the input, and read out with it. */
  error?: string | undefined;
  hint?: string;
}

export function Field({ label, error, hint, className = "", ...input }: Props) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={`grid gap-1.5 ${className}`}>
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
      </label>
      <input
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={note ? `${id}-note` : undefined}
        className="min-h-11 w-full rounded-xl border border-soft/60 bg-surface px-3.5 text-ink placeholder:text-soft/70 aria-invalid:border-alarm"
        {...input}
      />
      {note && (
        <p id={`${id}-note`} className={`text-sm ${error ? "text-alarm" : "text-soft"}`}>
          {note}
        </p>
      )}
    </div>
  );
}
