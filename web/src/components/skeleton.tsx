import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";

/** Lines where a list will be. */
export function Skeleton({ rows = 4 }: { rows?: number }) {
  const t = useText(commonTexts);
  return (
    <div role="status" className="grid gap-3 py-2">
      <span className="sr-only">{t("loading")}</span>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <div key={row} className="h-14 animate-pulse rounded-xl bg-raised" />
      ))}
    </div>
  );
}
