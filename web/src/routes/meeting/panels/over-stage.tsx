import { DoorOpen, MessageSquare, MicOff } from "lucide-react";
import { Button } from "@/components/button";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import { panelsTexts } from "@/locales/panels";
import { Observable } from "@/store/observable";
import { useObservable } from "@/store/use-observable";
import { HelpDialog } from "./help-dialog";
import type { Heard } from "./meeting-chat";
import type { Panels } from "./panels";
import type { Floating } from "./reactions";
import { useAct } from "./use-act";
import { useAnnouncements } from "./use-announcements";
import { useHostNotices } from "./use-host-notices";
import { useShortcuts } from "./use-shortcuts";

const NOTICES = "notices";

/** The button that was pressed goes; the focus stays where it was. */
function keepFocus(): void {
  document.getElementById(NOTICES)?.focus();
}

interface Props {
  panels: Panels;
}

/** Above the stage: reactions, who waits, "you are muted". */
export function OverStage({ panels }: Props) {
  useAnnouncements(panels);
  useHostNotices(panels);
  useShortcuts(panels);
  return (
    <>
      <FloatingReactions panels={panels} />
      <div
        id={NOTICES}
        tabIndex={-1}
        className="pointer-events-none absolute inset-x-0 bottom-2 z-10 grid grid-cols-1 justify-items-center gap-2 px-1 outline-none"
      >
        <Preview panels={panels} />
        <LobbyNotice panels={panels} />
        <MutedHint panels={panels} />
      </div>
      <HelpDialog panels={panels} />
    </>
  );
}

function FloatingReactions({ panels }: Props) {
  const floating = useObservable(panels.reactions.floating);
  return (
    <div aria-hidden="true" className="pointer-events-none absolute inset-0 z-10 overflow-hidden">
      {floating.map((one) => (
        <FloatingReaction key={one.key} one={one} panels={panels} />
      ))}
    </div>
  );
}

/** Side by side, so that names stay legible where many react at once. */
const LANES = 6;
/** Percent of the stage. */
const LANE = 13;

function FloatingReaction({ one, panels }: { one: Floating; panels: Panels }) {
  const t = useText(meetingTexts);
  const { selfId, roster } = panels.session.state.get();
  const { key, emoji, participantId } = one;
  const name = participantId === selfId ? t("you") : roster.get(participantId)?.name;
  return (
    <p
      data-testid="reaction"
      style={{ left: `${2 + (key % LANES) * LANE}%` }}
      className="absolute bottom-3 grid justify-items-center gap-1 motion-safe:animate-float"
    >
      <span className="text-4xl sm:text-5xl">{emoji}</span>
      {name && (
        <span className="max-w-20 truncate sm:max-w-28 rounded-full bg-stage/80 px-2 py-0.5 text-xs">
          {name}
        </span>
      )}
    </p>
  );
}

const CARD =
  "pointer-events-auto flex max-w-full animate-rise items-center gap-3 rounded-2xl border bg-surface p-2 pl-4 shadow-2xl";

const SILENCE = new Observable<Heard | null>(null);

/** What was just said, where the chat is closed; screen readers hear of it otherwise. */
function Preview({ panels }: Props) {
  const t = useText(panelsTexts);
  const chat = useObservable(panels.chat);
  const heard = useObservable(chat?.latest ?? SILENCE);
  const open = useObservable(panels.shown, (shown) => shown === "chat");
  if (!heard || open) return null;
  const { name, content, alone } = heard;
  return (
    <button
      type="button"
      tabIndex={-1}
      onClick={() => panels.toggle("chat")}
      className={`${CARD} border-line pr-4 text-left hover:bg-raised sm:max-w-md`}
    >
      <MessageSquare className="size-5 shrink-0 text-brand" aria-hidden="true" />
      <span className="min-w-0 leading-snug">
        <span className="block truncate font-semibold">
          {alone ? t("private_from", { name }) : name}
        </span>
        <span className="line-clamp-2 wrap-anywhere text-soft">{content}</span>
      </span>
    </button>
  );
}

/** For hosts, while they do not look at the panel where all who wait are listed. */
function LobbyNotice({ panels }: Props) {
  const t = useText(panelsTexts);
  const act = useAct();
  const lobby = useObservable(panels.session.state, (state) => state.lobby);
  const shown = useObservable(panels.shown);
  const [first] = lobby;
  if (!first || shown === "people") return null;
  const { id: person_id, name } = first;
  const others = lobby.length - 1;
  function admit() {
    act(panels.session.request("admit", { person_id }));
    keepFocus();
  }
  return (
    <section aria-label={t("waiting")} className={`${CARD} border-sun/60`}>
      <DoorOpen className="size-5 shrink-0 text-sun" aria-hidden="true" />
      <p className="line-clamp-4 min-w-0 leading-snug wrap-anywhere max-sm:text-sm">
        {others > 0 ? t("wait_at_door", { name, count: others }) : t("waits_at_door", { name })}
      </p>
      {others > 0 ? (
        <Button look="quiet" className="shrink-0 px-3.5" onClick={() => panels.shown.set("people")}>
          {t("look")}
        </Button>
      ) : (
        <Button className="shrink-0 px-3.5" onClick={admit}>
          {t("admit")}
        </Button>
      )}
    </section>
  );
}

function MutedHint({ panels }: Props) {
  const t = useText(panelsTexts);
  const meeting = useText(meetingTexts);
  const hint = useObservable(panels.mutedSpeech.hint);
  function unmute() {
    void panels.session.local.turn("microphone", true);
    keepFocus();
  }
  return (
    <div role="status">
      {hint && (
        <div className={`${CARD} border-alarm/50`}>
          <MicOff className="size-5 shrink-0 text-alarm" aria-hidden="true" />
          <p>{t("you_are_muted")}</p>
          <Button look="quiet" className="shrink-0 px-3.5" onClick={unmute}>
            {meeting("unmute")}
          </Button>
        </div>
      )}
    </div>
  );
}
