import { LoaderCircle } from "lucide-react";
import type { MediaSession, SessionState } from "@/media/session";
import { useObservable } from "@/store/use-observable";

/** Says that something is wrong and that it is being mended. */
export function ConnectionNotice({ session }: { session: MediaSession }) {
  const text = useObservable(session.state, trouble);
  return (
    <div
      role="status"
      className="pointer-events-none absolute inset-x-0 top-3 z-10 flex justify-center"
    >
      {text && (
        <p
          data-testid="connection"
          className="flex animate-rise items-center gap-2.5 rounded-full border border-sun/50 bg-stage/90 px-4 py-2 text-sm font-medium shadow-lg"
        >
          <LoaderCircle className="size-4.5 animate-spin text-sun" aria-hidden="true" />
          {text}
        </p>
      )}
    </div>
  );
}

function trouble({ connection, media, phase }: SessionState): string | null {
  if (connection === "reconnecting") return "Connection lost. Reconnecting …";
  if (connection === "connecting" || phase === "joining") return "Connecting …";
  if (media === "interrupted") return "Picture and sound are interrupted. Restoring …";
  return media === "connecting" ? "Connecting picture and sound …" : null;
}
