import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";
import { Hint } from "./hint";

interface Props extends Omit<ComponentProps<"button">, "aria-label" | "children"> {
  /** The accessible name, also shown beside the button. */
  label: string;
  icon: LucideIcon;
}

/** A picture one can press. */
export function IconButton({ label, icon: Icon, className = "", ...rest }: Props) {
  return (
    <Hint text={label}>
      <button
        type="button"
        aria-label={label}
        className={`grid size-11 shrink-0 place-items-center rounded-xl text-soft transition-colors hover:bg-raised hover:text-ink disabled:opacity-55 ${className}`}
        {...rest}
      >
        <Icon className="size-5" aria-hidden="true" />
      </button>
    </Hint>
  );
}
