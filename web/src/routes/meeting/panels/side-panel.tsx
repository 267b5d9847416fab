import { X } from "lucide-react";
import { type KeyboardEvent, lazy, type ReactNode, Suspense, useEffect, useRef } from "react";
import { IconButton } from "@/components/icon-button";
import { Skeleton } from "@/components/skeleton";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";
import { panelsTexts } from "@/locales/panels";
import { useObservable } from "@/store/use-observable";
import type { PanelName, Panels } from "./panels";

const ChatPanel = lazy(() => import("./chat-panel"));
const StatisticsPanel = lazy(() => import("../statistics-panel"));
const PeoplePanel = lazy(() => import("./people-panel"));

/** Beside the stage; on a phone above all of it. */
export function SidePanel({ panels }: { panels: Panels }) {
  const t = useText(panelsTexts);
  const shown = useObservable(panels.shown);
  const chat = useObservable(panels.chat);
  if (!shown) return null;
  return (
    <Frame key={shown} name={shown} title={t(shown)} onClose={() => panels.close()}>
      <Suspense fallback={<Skeleton rows={5} />}>
        {shown === "people" && <PeoplePanel panels={panels} />}
        {shown === "statistics" && <StatisticsPanel session={panels.session} />}
        {shown === "chat" && chat && <ChatPanel panels={panels} chat={chat} />}
      </Suspense>
    </Frame>
  );
}

/** The button that opens it. */
export function buttonId(name: PanelName): string {
  return `open-${name}`;
}

interface FrameProps {
  name: PanelName;
  title: string;
  onClose: () => void;
  children: ReactNode;
}

function Frame({ name, title, onClose, children }: FrameProps) {
  const common = useText(commonTexts);
  const panel = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // What is inside may have taken it for itself.
    if (!panel.current?.contains(document.activeElement)) heading.current?.focus();
    return () => {
      const lost = document.activeElement === document.body;
      if (lost) document.getElementById(buttonId(name))?.focus();
    };
  }, [name]);

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "Escape" && !event.defaultPrevented) onClose();
  }

  return (
    <aside
      ref={panel}
      aria-label={title}
      onKeyDown={onKeyDown}
      className="flex animate-fade flex-col overflow-hidden bg-surface max-md:fixed max-md:inset-0 max-md:z-30 md:w-84 md:shrink-0 md:rounded-tile md:border md:border-line xl:w-96"
    >
      <header className="flex items-center gap-2 py-1.5 pr-1.5 pl-4">
        <h2 ref={heading} tabIndex={-1} className="grow text-lg font-semibold outline-none">
          {title}
        </h2>
        <IconButton label={common("close")} icon={X} onClick={onClose} />
      </header>
      <div className="min-h-0 grow">{children}</div>
    </aside>
  );
}
