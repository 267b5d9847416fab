import { Spinner } from "@/components/spinner";
import { useText } from "@/i18n/text";
import { live } from "@/live";
import { shellTexts } from "@/locales/shell";
import { useObservable } from "@/store/use-observable";

/** Says that nothing new comes in; what lasts but a moment is not worth a word. */
export function ConnectionNote() {
  const t = useText(shellTexts);
  const lost = useObservable(live.state) === "reconnecting";
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 top-4 z-30 grid place-items-center"
    >
      {lost && (
        <p className="flex animate-late items-center gap-2.5 rounded-full border border-line bg-surface px-4 py-2 text-sm font-medium shadow-lg">
          <Spinner className="size-4.5 text-brand" />
          {t("reconnecting")}
        </p>
      )}
    </div>
  );
}
