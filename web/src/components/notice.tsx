import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

/** Something went wrong, said where it did. */
export function Notice({ children }: { children: ReactNode }) {
  return (
    <div
      role="alert"
      className="flex gap-2.5 rounded-xl border border-alarm/40 bg-alarm/10 px-3.5 py-3 text-sm"
    >
      <TriangleAlert className="mt-px size-4.5 shrink-0 text-alarm" aria-hidden="true" />
      <div>{children}</div>
    </div>
  );
}
