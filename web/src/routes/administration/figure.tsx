import type { ReactNode } from "react";

interface Props {
  label: string;
  /** Said more fully to whoever points at it. */
  title?: string | undefined;
  children: ReactNode;
}

/** A number and what it is of, in a `dl`. */
export function Figure({ label, title, children }: Props) {
  return (
    <div title={title} className="grid content-start gap-0.5">
      <dt className="text-sm text-soft">{label}</dt>
      <dd className="font-semibold tabular-nums">{children}</dd>
    </div>
  );
}
