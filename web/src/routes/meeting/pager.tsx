import { ChevronLeft, ChevronRight, type LucideIcon } from "lucide-react";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";

interface Props {
  /** From 0. */
  page: number;
  pages: number;
  onTurn: (page: number) => void;
}

/** To the people there is no room for: below the tiles, or beside the controls where these leave room. */
export function Pager({ page, pages, onTurn }: Props) {
  const t = useText(meetingTexts);
  return (
    <nav
      aria-label={t("pages")}
      className="flex shrink-0 items-center justify-center pt-1.5 lg:fixed lg:right-4 lg:bottom-4 lg:pt-0"
    >
      <Turn
        label={t("previous_page")}
        icon={ChevronLeft}
        end={page === 0}
        onClick={() => onTurn(page - 1)}
      />
      <p aria-live="polite" className="min-w-14 text-center text-sm text-soft tabular-nums">
        <span className="sr-only">{t("page_of", { page: page + 1, pages })}</span>
        <span aria-hidden="true">
          {page + 1} / {pages}
        </span>
      </p>
      <Turn
        label={t("next_page")}
        icon={ChevronRight}
        end={page === pages - 1}
        onClick={() => onTurn(page + 1)}
      />
    </nav>
  );
}

interface TurnProps {
  label: string;
  icon: LucideIcon;
  end: boolean;
  onClick: () => void;
}

/** At an end it stays where it is, with the focus it may have. */
function Turn({ label, icon: Icon, end, onClick }: TurnProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-disabled={end}
      onClick={end ? undefined : onClick}
      className="grid size-10 place-items-center rounded-xl text-ink transition-colors hover:bg-raised aria-disabled:cursor-default aria-disabled:text-soft/50 aria-disabled:hover:bg-transparent"
    >
      <Icon className="size-5" aria-hidden="true" />
    </button>
  );
}
