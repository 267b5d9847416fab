import type { LucideIcon } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { Link } from "react-router";

interface Props {
  /** One element that can be pressed, such as an IconButton. */
  trigger: ReactNode;
  children: ReactNode;
  side?: "top" | "right" | "bottom";
  align?: "start" | "end";
  defaultOpen?: boolean;
  /** `stage` in a meeting. */
  className?: string;
}

/** What can be done with something. The page around it stays within reach. */
export function Menu({
  trigger,
  children,
  side = "bottom",
  align = "end",
  defaultOpen = false,
  className = "",
}: Props) {
  return (
    <DropdownMenu.Root defaultOpen={defaultOpen} modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          side={side}
          align={align}
          sideOffset={8}
          collisionPadding={8}
          onCloseAutoFocus={leaveFocus}
          className={`z-40 min-w-52 max-w-[calc(100vw-1rem)] animate-rise rounded-2xl border border-line bg-surface p-1.5 text-ink shadow-xl ${className}`}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** Back to the trigger, unless what was chosen has put the focus somewhere itself. */
function leaveFocus(event: Event): void {
  if (document.activeElement !== document.body) event.preventDefault();
}

const ITEM =
  "flex min-h-10 cursor-pointer items-center gap-3 rounded-lg px-3 py-2 outline-none select-none " +
  "data-highlighted:bg-raised data-disabled:opacity-55";

interface ItemProps {
  icon?: LucideIcon;
  danger?: boolean;
  disabled?: boolean;
  onChoose: () => void;
  children: ReactNode;
}

export function MenuItem({ icon: Icon, danger, disabled = false, onChoose, children }: ItemProps) {
  return (
    <DropdownMenu.Item
      disabled={disabled}
      onSelect={onChoose}
      className={`${ITEM} ${danger ? "text-alarm" : ""}`}
    >
      {Icon && <Icon className="size-4.5 shrink-0" aria-hidden="true" />}
      {children}
    </DropdownMenu.Item>
  );
}

interface LinkProps {
  icon?: LucideIcon;
  to: string;
  children: ReactNode;
}

export function MenuLink({ icon: Icon, to, children }: LinkProps) {
  return (
    <DropdownMenu.Item asChild className={ITEM}>
      <Link to={to}>
        {Icon && <Icon className="size-4.5 shrink-0" aria-hidden="true" />}
        {children}
      </Link>
    </DropdownMenu.Item>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return (
    <DropdownMenu.Label className="px-3 py-2 text-sm text-soft">{children}</DropdownMenu.Label>
  );
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="mx-2 my-1.5 h-px bg-line" />;
}
