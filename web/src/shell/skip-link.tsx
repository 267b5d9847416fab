import { useText } from "@/i18n/text";
import { shellTexts } from "@/locales/shell";

/** Past the navigation, for whoever goes by keyboard. */
export function SkipLink() {
  const t = useText(shellTexts);
  return (
    <a
      href="#main"
      className="sr-only z-50 rounded-xl bg-brand px-5 py-3 font-semibold text-on-brand focus:not-sr-only focus:fixed focus:left-4 focus:top-4"
    >
      {t("skip")}
    </a>
  );
}
