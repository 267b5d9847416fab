import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";

interface Props extends ComponentProps<"button"> {
  icon: LucideIcon;
}

/** A quiet button above the stage. */
export function HeaderButton({ icon: Icon, children, ...rest }: Props) {
  return (
    <button
      type="button"
      className="flex min-h-9 shrink-0 items-center gap-2 rounded-lg px-2.5 text-sm text-soft transition-colors hover:bg-raised hover:text-ink"
      {...rest}
    >
      <Icon className="size-4.5" aria-hidden="true" />
      {children}
    </button>
  );
}
