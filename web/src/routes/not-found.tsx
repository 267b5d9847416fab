import { ButtonLink } from "@/components/button";
import { Card } from "@/components/page";
import { usePageTitle } from "@/components/use-page-title";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";

export function NotFound() {
  const t = useText(commonTexts);
  usePageTitle(t("not_found_title"));
  return (
    <div className="grid grow p-4 py-10">
      <Card title={t("not_found_title")}>
        <p className="mt-3 text-soft">{t("not_found")}</p>
        <ButtonLink to="/" className="mt-7 w-full">
          {t("back_to_start")}
        </ButtonLink>
      </Card>
    </div>
  );
}
