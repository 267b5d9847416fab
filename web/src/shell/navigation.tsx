import {
  House,
  type LucideIcon,
  MessagesSquare,
  Newspaper,
  Settings,
  ShieldCheck,
  Users,
} from "lucide-react";
import { NavLink } from "react-router";
import { useMe } from "@/api/queries";
import { Mark } from "@/components/logo";
import { useText } from "@/i18n/text";
import { shellTexts } from "@/locales/shell";
import { AccountButton } from "./account-button";
import { useUnread } from "./use-unread";

type Place = "home" | "chat" | "blog" | "people" | "settings" | "administration";

interface Entry {
  place: Place;
  to: string;
  icon: LucideIcon;
  /** Where there is no room for it, it is in the menu of the account alone. */
  wide?: boolean;
  administrators?: boolean;
}

const ENTRIES: readonly Entry[] = [
  { place: "home", to: "/", icon: House },
  { place: "chat", to: "/chat", icon: MessagesSquare },
  { place: "blog", to: "/blog", icon: Newspaper },
  { place: "people", to: "/people", icon: Users },
  { place: "settings", to: "/settings", icon: Settings, wide: true },
  {
    place: "administration",
    to: "/administration",
    icon: ShieldCheck,
    wide: true,
    administrators: true,
  },
];

/** A rail at the side; on a phone a bar at the bottom. */
export function Navigation() {
  const t = useText(shellTexts);
  const admin = useMe()?.is_admin ?? false;
  const unread = useUnread();
  return (
    <nav
      aria-label={t("navigation")}
      className="fixed inset-x-0 bottom-0 z-30 flex h-(--shell-bar) items-start justify-around border-t border-line bg-surface px-1 pt-1 md:sticky md:inset-auto md:top-0 md:h-dvh md:flex-col md:items-stretch md:justify-start md:gap-1 md:overflow-y-auto md:border-r md:border-t-0 md:px-2 md:py-4"
    >
      <Mark className="mx-auto mb-4 size-10 max-md:hidden" />
      {ENTRIES.filter(({ administrators }) => admin || !administrators).map((entry) => (
        <NavEntry key={entry.place} entry={entry} count={entry.place === "chat" ? unread : 0} />
      ))}
      <div className="grid min-w-14 place-items-center max-md:h-14 md:mt-auto">
        <AccountButton />
      </div>
    </nav>
  );
}

interface EntryProps {
  entry: Entry;
  /** What waits there. */
  count: number;
}

function NavEntry({ entry: { place, to, icon: Icon, wide }, count }: EntryProps) {
  const t = useText(shellTexts);
  return (
    <NavLink
      to={to}
      end={to === "/"}
      className={`group grid min-w-14 justify-items-center gap-0.5 rounded-2xl py-1 text-xs font-medium text-soft transition-colors hover:text-ink aria-[current=page]:text-brand ${wide ? "max-md:hidden" : ""}`}
    >
      <span className="relative grid h-8 w-14 place-items-center rounded-full transition-colors group-hover:bg-raised group-aria-[current=page]:bg-brand group-aria-[current=page]:text-on-brand">
        <Icon className="size-5" aria-hidden="true" />
        {count > 0 && (
          <span
            aria-hidden="true"
            className="absolute top-0 right-2 grid min-w-4.5 place-items-center rounded-full bg-danger px-1 text-[0.7rem]/4.5 font-bold text-on-danger"
          >
            {count}
          </span>
        )}
      </span>
      {t(place)}
      {count > 0 && <span className="sr-only">{t("unread", { count })}</span>}
    </NavLink>
  );
}
