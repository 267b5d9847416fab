import { LoaderCircle } from "lucide-react";
import { Button } from "@/components/button";
import { Card, Page } from "@/components/page";
import { usePageTitle } from "@/components/use-page-title";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { MediaSession } from "@/media/session";
import { useObservable } from "@/store/use-observable";

/** In the lobby. */
export function Waiting({ session }: { session: MediaSession }) {
  const t = useText(meetingTexts);
  const title = useObservable(session.state, (state) => state.title);
  usePageTitle(title || t("meeting"));
  return (
    <Page>
      <Card title={title || t("waiting_title")}>
        <p role="status" className="mt-3 flex items-center gap-3 text-soft">
          <LoaderCircle className="size-5 shrink-0 animate-spin text-sun" aria-hidden="true" />
          {t("waiting")}
        </p>
        <Button look="quiet" className="mt-7 w-full" onClick={() => session.leave()}>
          {t("leave")}
        </Button>
      </Card>
    </Page>
  );
}
