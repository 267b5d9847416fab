import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";

interface Props {
  text: string;
  /** The one element it belongs to. */
  children: ReactNode;
  className?: string;
}

/** A word beside a control, for pointer and keyboard. */
export function Hint({ text, children, className = "" }: Props) {
  return (
    <Tooltip.Provider delayDuration={400}>
      <Tooltip.Root>
        <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
        <Tooltip.Portal>
          <Tooltip.Content
            sideOffset={8}
            collisionPadding={8}
            className={`z-50 rounded-lg border border-line bg-surface px-2.5 py-1.5 text-sm text-ink shadow-lg ${className}`}
          >
            {text}
          </Tooltip.Content>
        </Tooltip.Portal>
      </Tooltip.Root>
    </Tooltip.Provider>
  );
}
