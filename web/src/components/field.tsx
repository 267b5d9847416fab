import { ChevronDown } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";

interface Described {
  label: string;
  /** Shown under the control, and read out with it. */
  error?: string | undefined;
  hint?: string | undefined;
  className?: string | undefined;
}

const BOX =
  "w-full rounded-xl border border-soft/60 bg-surface px-3.5 text-ink placeholder:text-soft " +
  "aria-invalid:border-alarm disabled:opacity-60";

interface Control {
  id: string;
  "aria-invalid": true | undefined;
  "aria-describedby": string | undefined;
}

/** A label, a control, and what is to be said about it. */
function Labelled({
  label,
  error,
  hint,
  className = "",
  children,
}: Described & { children: (control: Control) => ReactNode }) {
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={`grid content-start gap-1.5 ${className}`}>
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
      </label>
      {children({
        id,
        "aria-invalid": error ? true : undefined,
        "aria-describedby": note ? `${id}-note` : undefined,
      })}
      {note && (
        <p id={`${id}-note`} className={`text-sm ${error ? "text-alarm" : "text-soft"}`}>
          {note}
        </p>
      )}
    </div>
  );
}

export function Field({
  label,
  error,
  hint,
  className,
  ...input
}: ComponentProps<"input"> & Described) {
  return (
    <Labelled label={label} error={error} hint={hint} className={className}>
      {(control) => <input className={`min-h-11 ${BOX}`} {...control} {...input} />}
    </Labelled>
  );
}

export function TextArea({
  label,
  error,
  hint,
  className,
  ...area
}: ComponentProps<"textarea"> & Described) {
  return (
    <Labelled label={label} error={error} hint={hint} className={className}>
      {(control) => <textarea className={`min-h-28 py-2.5 ${BOX}`} {...control} {...area} />}
    </Labelled>
  );
}

interface Option<T extends string> {
  value: T;
  label: string;
}

interface SelectProps<T extends string> extends Described {
  value: T;
  options: readonly Option<T>[];
  onChoose: (value: T) => void;
  disabled?: boolean;
}

/** The browser's own, which phones and screen readers know best. */
export function Select<T extends string>({
  value,
  options,
  onChoose,
  disabled,
  label,
  error,
  hint,
  className,
}: SelectProps<T>) {
  return (
    <Labelled label={label} error={error} hint={hint} className={className}>
      {(control) => (
        <div className="relative">
          <select
            {...control}
            value={value}
            disabled={disabled}
            onChange={(event) => onChoose(event.target.value as T)}
            className={`min-h-11 appearance-none truncate pr-10 ${BOX}`}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
          <ChevronDown
            className="pointer-events-none absolute right-3.5 top-3 size-5 text-soft"
            aria-hidden="true"
          />
        </div>
      )}
    </Labelled>
  );
}
