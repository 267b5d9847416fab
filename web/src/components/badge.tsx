import type { ReactNode } from "react";

type Look = "plain" | "brand" | "alarm";

const LOOKS: Record<Look, string> = {
  plain: "bg-raised text-ink",
  brand: "bg-brand text-on-brand",
  alarm: "bg-danger text-on-danger",
};

/** A word or a number about something; says nothing that is not said elsewhere in words. */
export function Badge({ look = "plain", children }: { look?: Look; children: ReactNode }) {
  return (
    <span
      className={`inline-flex min-w-5 shrink-0 items-center justify-center rounded-full px-2 py-0.5 text-xs font-semibold tabular-nums ${LOOKS[look]}`}
    >
      {children}
    </span>
  );
}
