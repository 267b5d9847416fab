import { EyeOff, RotateCw, Trash2 } from "lucide-react";
import { useEffect, useId, useMemo } from "react";
import { ConversationView } from "@/chat/conversation-view";
import { announce } from "@/components/announcements";
import { IconButton } from "@/components/icon-button";
import { Time } from "@/components/time";
import { useText } from "@/i18n/text";
import { useMatches } from "@/lib/use-matches";
import { chatTexts } from "@/locales/chat";
import { panelsTexts } from "@/locales/panels";
import { moderates } from "@/media/roster";
import { useObservable } from "@/store/use-observable";
import type { MeetingChat, PrivateNote } from "./meeting-chat";
import type { Panels } from "./panels";

/** Elsewhere to write covers half of what there is to read. */
const KEYBOARD = "(pointer: fine)";

interface Props {
  panels: Panels;
  chat: MeetingChat;
}

export default function ChatPanel({ panels, chat }: Props) {
  const notes = useObservable(chat.notes);
  const addressee = useObservable(chat.addressee);
  const typesByHand = useMatches(KEYBOARD);
  const mayDelete = useObservable(panels.session.state, ({ role }) => moderates(role));
  const asides = useMemo(
    () =>
      notes.map((note) => ({
        key: note.key,
        time: note.time,
        content: <Note note={note} chat={chat} />,
      })),
    [notes, chat],
  );
  useLook(chat);
  useReadOutNotes(chat);
  return (
    <ConversationView
      conversation={chat.conversation}
      mayDelete={mayDelete}
      takesFocus={typesByHand}
      floating="stage"
      asides={asides}
      above={<To panels={panels} chat={chat} />}
      onSend={addressee ? (content) => chat.send(content) : undefined}
    />
  );
}

/** What comes while one looks is seen. */
function useLook(chat: MeetingChat): void {
  useEffect(() => {
    const look = () => chat.look(document.visibilityState === "visible");
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      chat.look(false);
    };
  }, [chat]);
}

function useReadOutNotes(chat: MeetingChat): void {
  const t = useText(panelsTexts);
  useEffect(() => {
    let last = chat.notes.get().at(-1)?.key ?? 0;
    return chat.notes.subscribe(() => {
      for (const { key, own, other, content } of chat.notes.get()) {
        if (key > last && !own) announce(t("private_said", { name: other.name, content }));
        last = Math.max(last, key);
      }
    });
  }, [chat, t]);
}

interface NoteProps {
  note: PrivateNote;
  chat: MeetingChat;
}

function Note({ note, chat }: NoteProps) {
  const t = useText(panelsTexts);
  const said = useText(chatTexts);
  const { own, other, content, time, failed } = note;
  return (
    <div className={`grid px-4 pt-3 ${own ? "justify-items-end" : "justify-items-start pl-15.5"}`}>
      <p className="mb-1 flex max-w-full items-center gap-1.5 text-sm text-soft">
        <EyeOff className="size-4 shrink-0 text-sun" aria-hidden="true" />
        <span className="truncate font-semibold text-ink">
          {t(own ? "private_to" : "private_from", { name: other.name })}
        </span>
        <Time value={time} style="time" className="shrink-0" />
      </p>
      <p className="max-w-[85%] min-w-0 rounded-2xl border border-dashed border-sun/70 px-3.5 py-2 whitespace-pre-wrap wrap-anywhere">
        {content}
      </p>
      {failed && (
        <p role="alert" className="flex items-center text-sm text-alarm">
          {said("not_sent")}
          <IconButton label={said("send_again")} icon={RotateCw} onClick={() => chat.retry(note)} />
          <IconButton label={said("discard")} icon={Trash2} onClick={() => chat.discard(note)} />
        </p>
      )}
    </div>
  );
}

const EVERYBODY = "";

/** To whom one writes. */
function To({ panels, chat }: Props) {
  const t = useText(panelsTexts);
  const addressee = useObservable(chat.addressee);
  const roster = useObservable(panels.session.state, (state) => state.roster);
  const id = useId();
  const gone = addressee !== null && !roster.has(addressee.id);

  function choose(id: string) {
    if (id === addressee?.id) return;
    const name = roster.get(id)?.name;
    chat.addressee.set(name === undefined ? null : { id, name });
  }

  return (
    <div className="grid gap-1 px-4 pb-2">
      <div className="flex min-w-0 items-center gap-2 text-sm">
        <label htmlFor={id} className="shrink-0 text-soft">
          {t("to")}
        </label>
        <select
          id={id}
          value={addressee?.id ?? EVERYBODY}
          onChange={(event) => choose(event.target.value)}
          className={`min-h-9 min-w-0 max-w-full truncate rounded-lg border bg-raised px-2 font-semibold ${addressee ? "border-sun/70" : "border-transparent"}`}
        >
          <option value={EVERYBODY}>{t("everybody")}</option>
          {gone && <option value={addressee.id}>{t("has_left", { name: addressee.name })}</option>}
          {[...roster.values()].map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {addressee && (
        <p className="flex items-center gap-1.5 text-sm text-soft">
          <EyeOff className="size-4 shrink-0 text-sun" aria-hidden="true" />
          {t("private_hint", { name: addressee.name })}
        </p>
      )}
    </div>
  );
}
