import type { ReactNode } from "react";
import { Heading } from "./heading";
import { usePageTitle } from "./use-page-title";

interface Props {
  /** Heading and name of the tab. */
  title: string;
  /** Buttons beside the heading. */
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** What a place in the navigation shows: its heading, and a column with air around it. */
export function Screen({ title, actions, children, className = "" }: Props) {
  usePageTitle(title);
  return (
    <div className={`mx-auto w-full max-w-4xl px-4 py-6 sm:px-8 sm:py-10 ${className}`}>
      <header className="mb-6 flex min-h-11 flex-wrap items-center justify-between gap-3 sm:mb-8">
        <Heading className="text-3xl sm:text-4xl">{title}</Heading>
        {actions && <div className="flex flex-wrap gap-3">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface PanelProps {
  title?: string;
  /** Buttons beside the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A part of a screen on a surface of its own. */
export function Panel({ title, actions, children }: PanelProps) {
  return (
    <section className="min-w-0 rounded-3xl border border-line bg-surface p-5 sm:p-7">
      {title && (
        <div className="mb-5 flex flex-wrap items-center justify-between gap-3">
          <h2 className="text-xl font-semibold">{title}</h2>
          {actions}
        </div>
      )}
      {children}
    </section>
  );
}
