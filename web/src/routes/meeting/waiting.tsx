import { LoaderCircle } from "lucide-react";
import { Button } from "@/components/button";
import { Card, Page } from "@/components/page";
import { usePageTitle } from "@/components/use-page-title";
import type { MediaSession } from "@/media/session";
import { useObservable } from "@/store/use-observable";

/** In the lobby. */
export function Waiting({ session }: { session: MediaSession }) {
  const title = useObservable(session.state, (state) => state.title);
  usePageTitle(title || "Meeting");
  return (
    <Page>
      <Card title={title || "Almost there"}>
        <p role="status" className="mt-3 flex items-center gap-3 text-soft">
          <LoaderCircle className="size-5 shrink-0 animate-spin text-sun" aria-hidden="true" />
          The host has been told that you are here and will let you in.
        </p>
        <Button look="quiet" className="mt-7 w-full" onClick={() => session.leave()}>
          Leave
        </Button>
      </Card>
    </Page>
  );
}
