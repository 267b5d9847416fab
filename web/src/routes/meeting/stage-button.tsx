import { Tooltip } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";

type Look = "plain" | "off" | "active" | "leave";

const LOOKS: Record<Look, string> = {
  plain: "bg-raised text-ink hover:bg-line",
  off: "bg-danger/20 text-alarm hover:bg-danger/30",
  active: "bg-brand text-on-brand hover:bg-brand-strong",
  leave: "bg-danger text-on-danger hover:brightness-110",
};

interface Props extends Omit<ComponentProps<"button">, "aria-label"> {
  /** The accessible name, also shown beside the button. */
  label: string;
  look?: Look;
  /** Beside another one to which it belongs. */
  slim?: boolean;
  children: ReactNode;
}

/** A round button of the control bar: a picture, with its name as a tooltip. */
export function StageButton({
  label,
  look = "plain",
  slim = false,
  className = "",
  children,
  ...rest
}: Props) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <button
          type="button"
          aria-label={label}
          className={`grid h-12 place-items-center rounded-2xl transition-colors disabled:opacity-50 ${slim ? "w-7" : "min-w-11 sm:min-w-12"} ${LOOKS[look]} ${className}`}
          {...rest}
        >
          {children}
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          sideOffset={8}
          className="stage z-30 rounded-lg border border-line px-2.5 py-1.5 text-sm"
        >
          {label}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
