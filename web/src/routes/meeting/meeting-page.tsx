import { Tooltip } from "radix-ui";
import { startTransition, useEffect, useRef, useState } from "react";
import { useParams } from "react-router";
import { renewedToken } from "@/api/client";
import { Renewal } from "@/api/renewal";
import { LocalMedia } from "@/media/local";
import { loadResume } from "@/media/resume-store";
import { MediaSession } from "@/media/session";
import { canMeet } from "@/media/support";
import { startLayout } from "@/settings/layout";
import { socketUrl } from "@/signaling/url";
import { Observable } from "@/store/observable";
import { useObservable } from "@/store/use-observable";
import { guestToken, heldToken, holdGuestToken } from "./admission";
import { exposeForDebugging } from "./debug";
import { Failed } from "./failed";
import { Left } from "./left";
import { PreJoin } from "./prejoin";
import { Room } from "./room";
import { TooOld } from "./too-old";
import { Waiting } from "./waiting";

/** `/m/:meetingId`: before, in, and after one meeting. */
export default function MeetingPage() {
  const { meetingId = "" } = useParams();
  if (!canMeet()) return <TooOld />;
  return (
    <Tooltip.Provider delayDuration={400}>
      <Visit key={meetingId} meetingId={meetingId} />
    </Tooltip.Provider>
  );
}

const OUTSIDE = new Observable({ phase: "outside", failure: null } as const);

function Visit({ meetingId }: { meetingId: string }) {
  const [local] = useState(() => new LocalMedia());
  const { session, enter, stepBack } = useSession(meetingId, local);
  const phase = useObservable<string>(phaseOf(session));
  const over = phase === "left" || phase === "failed";

  useEffect(() => {
    if (over) return;
    void local.open();
    return () => local.close();
  }, [local, over]);

  function again(password?: string) {
    const token = heldToken(meetingId);
    if (token) enter(token, password);
    else stepBack();
  }
  if (!session) return <PreJoin meetingId={meetingId} local={local} onToken={enter} />;
  if (phase === "left") return <Left onAgain={() => again()} />;
  if (phase === "waiting") return <Waiting session={session} />;
  if (phase === "failed") {
    return <Failed session={session} meetingId={meetingId} onAgain={again} onBack={stepBack} />;
  }
  return <Room session={session} />;
}

function phaseOf(session: MediaSession | null) {
  const state = session?.state ?? OUTSIDE;
  return { subscribe: state.subscribe, get: () => state.get().phase };
}

/** At most one session; leaving the page leaves the meeting, a reload returns to it. */
function useSession(meetingId: string, local: LocalMedia) {
  const [session, setSession] = useState<MediaSession | null>(null);
  const [returning] = useState(() => loadResume(meetingId) && heldToken(meetingId));
  const latest = useRef<MediaSession | null>(null);
  const [renewal] = useState(() => guestRenewal(meetingId));

  function enter(token: string, password?: string) {
    const options = {
      url: socketUrl(),
      token: () => heldToken(meetingId) ?? token,
      meetingId,
      ...(password && { password }),
    };
    const next = new MediaSession(options, local);
    next.outlook.patch({ layout: startLayout.get() });
    latest.current = next;
    exposeForDebugging(next);
    next.start();
    renewal.start();
    // In slices, so that the connection is not kept waiting while the meeting's screen is drawn.
    startTransition(() => setSession(next));
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page opens
  useEffect(() => {
    if (returning) enter(returning);
    window.addEventListener("pageshow", reloadIfFrozen);
    return () => {
      window.removeEventListener("pageshow", reloadIfFrozen);
      latest.current?.leave();
      renewal.stop();
    };
  }, []);

  return { session, enter, stepBack: () => setSession(null) };
}

/** A guest's token lasts as long as the visit; that of an account is renewed elsewhere. */
function guestRenewal(meetingId: string): Renewal {
  return new Renewal({
    token: () => guestToken(meetingId),
    renew: renewedToken,
    keep: (token) => holdGuestToken(meetingId, token),
  });
}

/** A page taken out of the browser's cache has said goodbye when it went in. */
function reloadIfFrozen(event: PageTransitionEvent): void {
  if (event.persisted) location.reload();
}
