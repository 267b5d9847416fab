import { Button, ButtonLink } from "@/components/button";
import { Card, Page } from "@/components/page";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";
import { meetingTexts } from "@/locales/meeting";

export function Left({ onAgain }: { onAgain: () => void }) {
  const t = useText(meetingTexts);
  const common = useText(commonTexts);
  return (
    <Page>
      <Card title={t("left_title")}>
        <p className="mt-3 text-soft">{t("left")}</p>
        <div className="mt-7 grid gap-3">
          <Button onClick={onAgain}>{t("rejoin")}</Button>
          <ButtonLink to="/" look="quiet">
            {common("back_to_start")}
          </ButtonLink>
        </div>
      </Card>
    </Page>
  );
}
