import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

interface Props {
  icon: LucideIcon;
  title: string;
  /** What could be here, and how it comes here. */
  children?: ReactNode;
  /** A button that begins. */
  action?: ReactNode;
}

export function EmptyState({ icon: Icon, title, children, action }: Props) {
  return (
    <div className="grid animate-fade justify-items-center gap-3 px-6 py-14 text-center">
      <span className="grid size-16 place-items-center rounded-3xl bg-raised text-brand">
        <Icon className="size-7" aria-hidden="true" />
      </span>
      <p className="mt-2 font-display text-xl font-semibold">{title}</p>
      {children && <div className="max-w-sm text-soft">{children}</div>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  );
}
