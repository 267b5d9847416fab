import { Link2 } from "lucide-react";
import { Button, ButtonLink } from "@/components/button";
import { Card, Page } from "@/components/page";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";
import { meetingTexts } from "@/locales/meeting";
import { useCopyInvite } from "./use-copy-invite";

/** For browsers that cannot hold meetings: the way out is another one. */
export function TooOld() {
  const t = useText(meetingTexts);
  const common = useText(commonTexts);
  const copy = useCopyInvite(location.href);
  return (
    <Page>
      <Card title={t("too_old_title")}>
        <p className="mt-3 text-soft">{t("too_old")}</p>
        <div className="mt-7 grid gap-3">
          <Button onClick={copy}>
            <Link2 className="size-5" aria-hidden="true" />
            {t("copy_link")}
          </Button>
          <ButtonLink to="/" look="quiet">
            {common("back_to_start")}
          </ButtonLink>
        </div>
      </Card>
    </Page>
  );
}
