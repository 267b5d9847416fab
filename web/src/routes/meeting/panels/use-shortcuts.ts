import { useEffect } from "react";
import { announce } from "@/components/announcements";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import { PushToTalk } from "@/media/push-to-talk";
import { shortcuts } from "@/settings/shortcuts";
import type { Panels } from "./panels";
import { type Command, commandOf, isTalkKey } from "./shortcuts";
import { useAct } from "./use-act";

/** Keys of the meeting, unless they are off in the overview; that one opens always. */
export function useShortcuts(panels: Panels): void {
  const act = useAct();
  const t = useText(meetingTexts);
  useEffect(() => {
    const talk = new PushToTalk(panels.session.local);
    const onKeyDown = (event: KeyboardEvent) => {
      const command = commandOf(event);
      if (shortcuts.get() === "off" && command !== "help") return;
      if (isTalkKey(event)) talk.press();
      else if (command === "microphone" || command === "camera") announce(t(turn(command, panels)));
      else if (command) run(command, panels, act);
      else return;
      event.preventDefault();
    };
    const onKeyUp = ({ key }: KeyboardEvent) => {
      if (key === " ") talk.release();
    };
    const onBlur = () => talk.release();
    document.addEventListener("keydown", onKeyDown);
    document.addEventListener("keyup", onKeyUp);
    window.addEventListener("blur", onBlur);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      document.removeEventListener("keyup", onKeyUp);
      window.removeEventListener("blur", onBlur);
      talk.release();
    };
  }, [panels, act, t]);
}

/** The name of what it is then, which nothing that has the focus says. */
function turn(source: "microphone" | "camera", { session: { local } }: Panels) {
  const on = !local.state.get()[source].on;
  void local.turn(source, on);
  if (source === "camera") return on ? "camera_on" : "camera_off";
  return on ? "microphone_on" : "muted";
}

type Other = Exclude<Command, "microphone" | "camera">;

function run(command: Other, panels: Panels, act: (request: Promise<unknown>) => void): void {
  const { session } = panels;
  switch (command) {
    case "hand":
      act(panels.toggleHand());
      break;
    case "layout":
      session.outlook.update((outlook) => ({
        ...outlook,
        layout: outlook.layout === "grid" ? "speaker" : "grid",
      }));
      break;
    case "leave":
      session.leave();
      break;
    case "help":
      panels.help.set(true);
      break;
    default:
      panels.toggle(command);
  }
}
