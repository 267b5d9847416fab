import type { ComponentProps } from "react";
import { Link } from "react-router";
import { Spinner } from "./spinner";

type Look = "primary" | "quiet" | "plain" | "danger";

const SHAPE =
  "inline-flex items-center justify-center gap-2 rounded-xl px-5 min-h-11 font-semibold " +
  "transition-colors select-none disabled:opacity-55";

const LOOKS: Record<Look, string> = {
  primary: "bg-brand text-on-brand hover:bg-brand-strong",
  quiet: "bg-raised text-ink hover:bg-line",
  plain: "text-brand hover:bg-raised",
  danger: "bg-danger text-on-danger hover:brightness-110",
};

interface Styled {
  look?: Look;
  className?: string | undefined;
}

interface ButtonProps extends ComponentProps<"button">, Styled {
  /** What it does is under way: it turns, and cannot be pressed again. */
  pending?: boolean;
}

export function Button({
  look = "primary",
  className = "",
  type = "button",
  pending = false,
  disabled = pending,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      disabled={disabled}
      aria-busy={pending || undefined}
      className={`${SHAPE} ${LOOKS[look]} ${className}`}
      {...rest}
    >
      {pending && <Spinner className="size-4.5" />}
      {children}
    </button>
  );
}

export function ButtonLink({
  look = "primary",
  className = "",
  ...rest
}: ComponentProps<typeof Link> & Styled) {
  return <Link className={`${SHAPE} ${LOOKS[look]} ${className}`} {...rest} />;
}
