import { useEffect } from "react";
import { announce } from "@/components/announcements";
import { useFormat } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { panelsTexts } from "@/locales/panels";
import { Observable } from "@/store/observable";
import { useObservable } from "@/store/use-observable";
import { type Happened, Happenings } from "./happenings";
import type { Panels } from "./panels";

/** More names than these are a number. */
const NAMED = 3;
const SILENCE = new Observable(null);
const ORDER = ["joined", "left", "raised", "wrote", "waits"] as const;

/** Screen readers hear who comes, goes, raises a hand, waits or writes. */
export function useAnnouncements(panels: Panels): void {
  const { session } = panels;
  const chat = useObservable(panels.chat);
  const t = useText(panelsTexts);
  const format = useFormat();
  useEffect(() => {
    const sentence = ([what, names]: [keyof Happened, string[]]) => {
      const count = names.length;
      const crowd = count > NAMED ? t("people_count", { count }) : format.list(names);
      return count === 0 ? [] : t(what, { count, names: crowd });
    };
    const port = {
      state: session.state,
      events: session.events,
      heard: chat?.latest ?? SILENCE,
    };
    const happenings = new Happenings(port, (happened) => {
      const told = ORDER.map((what): [keyof Happened, string[]] => [
        what,
        [...new Set(happened[what])],
      ]);
      announce(told.flatMap(sentence).join(" "));
    });
    return happenings.listen();
  }, [session, chat, t, format]);
}
