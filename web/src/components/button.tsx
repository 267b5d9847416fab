import type { ComponentProps } from "react";
import { Link } from "react-router";

type Look = "primary" | "quiet" | "plain";

const SHAPE =
  "inline-flex items-center justify-center gap-2 rounded-xl px-5 min-h-11 font-semibold " +
  "transition-colors select-none disabled:opacity-55";

const LOOKS: Record<Look, string> = {
  primary: "bg-brand text-on-brand hover:bg-brand-strong",
  quiet: "bg-raised text-ink hover:bg-line",
  plain: "text-brand hover:bg-raised",
};

interface Styled {
  look?: Look;
  className?: string;
}

export function Button({
  look = "primary",
  className = "",
  type = "button",
  ...rest
}: ComponentProps<"button"> & Styled) {
  return <button type={type} className={`${SHAPE} ${LOOKS[look]} ${className}`} {...rest} />;
}

export function ButtonLink({
  look = "primary",
  className = "",
  ...rest
}: ComponentProps<typeof Link> & Styled) {
  return <Link className={`${SHAPE} ${LOOKS[look]} ${className}`} {...rest} />;
}
