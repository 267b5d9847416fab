import { LoaderCircle, Sparkles } from "lucide-react";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { MediaSession, SessionState } from "@/media/session";
import { useObservable } from "@/store/use-observable";

const PILL =
  "flex max-w-[calc(100vw-2rem)] animate-rise items-center gap-2.5 rounded-full border bg-stage/90 px-4 py-2 text-sm font-medium shadow-lg";

/** Says that something is wrong and is being mended, or that nobody else has come yet. */
export function ConnectionNotice({ session }: { session: MediaSession }) {
  const t = useText(meetingTexts);
  const problem = useObservable(session.state, trouble);
  const alone = useObservable(session.state, (state) => state.roster.size === 0);
  return (
    <div
      role="status"
      className="pointer-events-none absolute inset-x-0 top-4 z-10 flex justify-center sm:top-14"
    >
      {problem && (
        <p data-testid="connection" className={`${PILL} border-sun/50`}>
          <LoaderCircle className="size-4.5 shrink-0 animate-spin text-sun" aria-hidden="true" />
          {t(problem)}
        </p>
      )}
      {!problem && alone && (
        <p className={`${PILL} border-line`}>
          <Sparkles className="size-4.5 shrink-0 text-sun" aria-hidden="true" />
          {t("alone")}
        </p>
      )}
    </div>
  );
}

function trouble({ connection, media, phase }: SessionState) {
  if (connection === "reconnecting") return "reconnecting";
  if (connection === "connecting" || phase === "joining") return "connecting";
  if (media === "interrupted") return "media_interrupted";
  return media === "connecting" ? "media_connecting" : null;
}
