import { Link2, LoaderCircle, RotateCw, Sparkles } from "lucide-react";
import { useText } from "@/i18n/text";
import { useLasting } from "@/lib/use-lasting";
import { meetingTexts } from "@/locales/meeting";
import type { MediaSession, SessionState } from "@/media/session";
import { useObservable } from "@/store/use-observable";
import { useCopyInvite } from "./use-copy-invite";

const PILL =
  "flex max-w-[calc(100vw-2rem)] animate-rise items-center gap-2.5 rounded-full border bg-stage/90 px-4 py-2 text-sm font-medium shadow-lg";

/** After so long without an answer it is said that the server gives none, ms. */
const PATIENCE = 12_000;

interface Props {
  session: MediaSession;
}

/** Says that something is wrong and is being mended, or will be, or that nobody else has come yet. */
export function ConnectionNotice({ session }: Props) {
  const t = useText(meetingTexts);
  const problem = useObservable(session.state, trouble);
  const gone = useLasting(problem === "reconnecting" || problem === "connecting", PATIENCE);
  const stopping = useObservable(session.state, (state) => state.stopping);
  const alone = useObservable(session.state, (state) => state.roster.size === 0);
  return (
    <div
      role="status"
      className="pointer-events-none absolute inset-x-0 top-4 z-10 flex justify-center sm:top-14 [@media(height<30rem)]:top-4"
    >
      {problem && (
        <p data-testid="connection" className={`${PILL} border-sun/50`}>
          <LoaderCircle className="size-4.5 shrink-0 animate-spin text-sun" aria-hidden="true" />
          {t(gone ? "server_silent" : problem)}
        </p>
      )}
      {!problem && stopping && (
        <p data-testid="stopping" className={`${PILL} border-line`}>
          <RotateCw className="size-4.5 shrink-0 text-sun" aria-hidden="true" />
          {t("stopping")}
        </p>
      )}
      {!problem && !stopping && alone && <Alone session={session} />}
    </div>
  );
}

function Alone({ session }: Props) {
  const t = useText(meetingTexts);
  const url = useObservable(session.state, (state) => state.meeting?.invite_url);
  const copy = useCopyInvite(url ?? location.href);
  return (
    <div className={`${PILL} border-line pr-1.5`}>
      <Sparkles className="size-4.5 shrink-0 text-sun" aria-hidden="true" />
      <p>{t("alone")}</p>
      <button
        type="button"
        onClick={copy}
        className="pointer-events-auto flex min-h-9 shrink-0 items-center gap-1.5 rounded-full bg-brand px-3.5 font-semibold text-on-brand transition-colors hover:bg-brand-strong"
      >
        <Link2 className="size-4" aria-hidden="true" />
        {t("copy_link")}
      </button>
    </div>
  );
}

function trouble({ connection, media, phase }: SessionState) {
  if (connection === "reconnecting") return "reconnecting";
  if (connection === "connecting" || phase === "joining") return "connecting";
  if (media === "interrupted") return "media_interrupted";
  return media === "connecting" ? "media_connecting" : null;
}
