import { Link2 } from "lucide-react";
import { useEffect, useState } from "react";
import { Mark } from "@/components/logo";
import { usePageTitle } from "@/components/use-page-title";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import { Playback } from "@/media/playback";
import type { MediaSession } from "@/media/session";
import { useObservable } from "@/store/use-observable";
import { ConnectionNotice } from "./connection-notice";
import { Controls } from "./controls";
import { HeaderButton } from "./header-button";
import { LayoutToggle } from "./layout-toggle";
import { OverStage } from "./panels/over-stage";
import { Panels } from "./panels/panels";
import { SidePanel } from "./panels/side-panel";
import { SoundGate, Sounds } from "./sounds";
import { Stage } from "./stage";
import { useCopyInvite } from "./use-copy-invite";
import { useDeviceProblems } from "./use-device-problems";

/** Inside the meeting. */
export function Room({ session }: { session: MediaSession }) {
  const [playback] = useState(() => new Playback());
  const [panels] = useState(() => new Panels(session));
  useEffect(() => panels.start(), [panels]);
  useEffect(() => session.watch.start(), [session]);
  const t = useText(meetingTexts);
  const title = useObservable(session.state, (state) => state.meeting?.title);
  usePageTitle(title || t("meeting"));
  useDeviceProblems(session.local);
  return (
    <main className="stage relative flex h-dvh flex-col overflow-hidden">
      <header className="flex items-center gap-1 py-1.5 pr-2 pl-3 max-sm:hidden [@media(height<30rem)]:hidden">
        <Mark className="size-6" />
        <h1 className="ml-1.5 grow truncate font-medium">{title || "Tertulia"}</h1>
        <CopyInvite session={session} />
        <LayoutToggle session={session} />
      </header>
      <ConnectionNotice session={session} />
      <div className="flex min-h-0 grow gap-2 px-2 max-sm:pt-2 [@media(height<30rem)]:pt-2">
        <div className="relative flex min-w-0 grow flex-col">
          <Stage session={session} />
          <OverStage panels={panels} />
        </div>
        <SidePanel panels={panels} />
      </div>
      <Controls session={session} panels={panels} />
      <SoundGate playback={playback} />
      <Sounds session={session} playback={playback} />
    </main>
  );
}

function CopyInvite({ session }: { session: MediaSession }) {
  const t = useText(meetingTexts);
  const url = useObservable(session.state, (state) => state.meeting?.invite_url);
  const copy = useCopyInvite(url ?? location.href);
  return (
    <HeaderButton icon={Link2} onClick={copy}>
      {t("copy_invite")}
    </HeaderButton>
  );
}
