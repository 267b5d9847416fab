import { CloudOff } from "lucide-react";
import { useProblemText } from "@/api/problem-text";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";
import { Button } from "./button";

interface Props {
  error: Error;
  /** Absent where trying again is of no use. */
  onRetry?: () => void;
}

/** In the place of what could not be loaded: why, and what one can do. */
export function ErrorState({ error, onRetry }: Props) {
  const t = useText(commonTexts);
  const text = useProblemText();
  return (
    <div role="alert" className="grid justify-items-center gap-3 px-6 py-14 text-center">
      <span className="grid size-16 place-items-center rounded-3xl bg-alarm/10 text-alarm">
        <CloudOff className="size-7" aria-hidden="true" />
      </span>
      <p className="mt-2 font-display text-xl font-semibold">{t("failed_to_load")}</p>
      <p className="max-w-sm text-soft">{text(error)}</p>
      {onRetry && (
        <Button look="quiet" className="mt-3" onClick={onRetry}>
          {t("try_again")}
        </Button>
      )}
    </div>
  );
}
