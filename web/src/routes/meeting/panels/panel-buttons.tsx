import { Hand, MessageSquare, SmilePlus, Users } from "lucide-react";
import { Popover } from "radix-ui";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import { panelsTexts } from "@/locales/panels";
import { Observable } from "@/store/observable";
import { useObservable } from "@/store/use-observable";
import { StageButton } from "../stage-button";
import type { Panels } from "./panels";
import { raisedHands } from "./people";
import { EMOJIS } from "./reactions";
import { buttonId } from "./side-panel";
import { useAct } from "./use-act";

interface Props {
  panels: Panels;
}

/** In the bar of controls: what goes to the others, and what is beside the stage. */
export function PanelButtons({ panels }: Props) {
  return (
    <>
      <HandButton panels={panels} />
      <ReactionButton panels={panels} />
      <ChatButton panels={panels} />
      <PeopleButton panels={panels} />
    </>
  );
}

function HandButton({ panels }: Props) {
  const t = useText(panelsTexts);
  const act = useAct();
  const raised = useObservable(panels.session.state, (state) => state.hand !== null);
  return (
    <StageButton
      label={t(raised ? "lower_hand" : "raise_hand")}
      look={raised ? "active" : "plain"}
      aria-pressed={raised}
      onClick={() => act(panels.toggleHand())}
    >
      <Hand className="size-5.5" aria-hidden="true" />
    </StageButton>
  );
}

function ReactionButton({ panels: { session } }: Props) {
  const t = useText(panelsTexts);
  const act = useAct();
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <StageButton label={t("react")} className="max-sm:hidden">
          <SmilePlus className="size-5.5" aria-hidden="true" />
        </StageButton>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side="top"
          sideOffset={12}
          collisionPadding={12}
          aria-label={t("react")}
          className="stage z-30 grid animate-rise grid-cols-4 rounded-2xl border border-line p-1.5 shadow-2xl sm:grid-cols-8"
        >
          {EMOJIS.map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-label={emoji}
              onClick={() => act(session.request("react", { emoji }))}
              className="grid size-12 place-items-center rounded-xl text-2xl transition-transform hover:bg-raised active:scale-90 motion-reduce:transform-none"
            >
              {emoji}
            </button>
          ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

const NONE = new Observable(0);

function ChatButton({ panels }: Props) {
  const t = useText(panelsTexts);
  const open = useObservable(panels.shown, (shown) => shown === "chat");
  const chat = useObservable(panels.chat);
  const unread = useObservable(chat?.unread ?? NONE);
  return (
    <StageButton
      id={buttonId("chat")}
      label={unread > 0 ? t("chat_unread", { count: unread }) : t("chat")}
      look={open ? "active" : "plain"}
      aria-expanded={open}
      disabled={!chat}
      className="relative"
      onClick={() => panels.toggle("chat")}
    >
      <MessageSquare className="size-5.5" aria-hidden="true" />
      {unread > 0 && <Count look="bg-danger text-on-danger">{unread}</Count>}
    </StageButton>
  );
}

function PeopleButton({ panels }: Props) {
  const t = useText(meetingTexts);
  const panel = useText(panelsTexts);
  const open = useObservable(panels.shown, (shown) => shown === "people");
  const count = useObservable(panels.session.state, (state) => state.roster.size + 1);
  const waiting = useObservable(panels.session.state, (state) => state.lobby.length);
  const hands = useObservable(panels.session.state, (state) => raisedHands(state).length);
  const label = [
    t("participants_count", { count }),
    waiting > 0 && panel("waiting_count", { count: waiting }),
    hands > 0 && panel("hands_count", { count: hands }),
  ];
  return (
    <StageButton
      id={buttonId("people")}
      label={label.filter(Boolean).join(", ")}
      look={open ? "active" : "plain"}
      aria-expanded={open}
      className="relative"
      onClick={() => panels.toggle("people")}
    >
      <Users className="size-5.5" aria-hidden="true" />
      <Count look={open ? "bg-stage text-ink" : "bg-brand text-on-brand"}>
        <span data-testid="participant-count">{count}</span>
      </Count>
      {(waiting > 0 || hands > 0) && (
        <span className="absolute left-1.5 top-1.5 size-2.5 rounded-full bg-sun" />
      )}
    </StageButton>
  );
}

function Count({ look, children }: { look: string; children: React.ReactNode }) {
  return (
    <span
      aria-hidden="true"
      className={`absolute right-1 top-1 min-w-4.5 rounded-full px-1 text-center text-xs font-bold tabular-nums ${look}`}
    >
      {children}
    </span>
  );
}
