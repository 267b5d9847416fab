import { Check, SendHorizontal, X } from "lucide-react";
import { type KeyboardEvent, type SubmitEvent, useEffect, useRef, useState } from "react";
import { IconButton } from "@/components/icon-button";
import { useText } from "@/i18n/text";
import { chatTexts } from "@/locales/chat";

/** As many characters as the server takes. */
const LONGEST = 4_000;

interface Props {
  /** What stands in it at first. */
  text: string;
  editing?: boolean;
  takesFocus?: boolean;
  onText?: (text: string) => void;
  onSend: (text: string) => void;
  onCancel?: () => void;
  /** The arrow upwards where nothing is written. */
  onUp?: () => void;
}

/** Enter sends, with Shift it begins a line. */
export function Composer({ editing = false, takesFocus = false, ...props }: Props) {
  const { onText, onSend, onCancel, onUp } = props;
  const t = useText(chatTexts);
  const [text, setText] = useState(props.text);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (takesFocus) area.current?.focus();
  }, [takesFocus]);

  function write(next: string) {
    setText(next);
    onText?.(next);
  }

  function send() {
    const content = text.trim();
    if (!content) return;
    if (!editing) write("");
    onSend(content);
    area.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    const { key } = event;
    if (key === "Escape" && onCancel) onCancel();
    else if (key === "ArrowUp" && text === "" && onUp) onUp();
    else if (key === "Enter" && !event.shiftKey) send();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function onSubmit(event: SubmitEvent) {
    event.preventDefault();
    send();
  }

  return (
    <form onSubmit={onSubmit} className="px-3 pb-3">
      {editing && <p className="px-3 pb-1 text-sm font-semibold text-brand">{t("editing")}</p>}
      <div className="flex items-end gap-1 rounded-2xl border border-soft/60 bg-surface p-1 focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-brand">
        <textarea
          ref={area}
          rows={1}
          value={text}
          aria-label={t(editing ? "edit" : "write")}
          placeholder={t("write")}
          maxLength={LONGEST}
          enterKeyHint="send"
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
          className="field-sizing-content max-h-40 min-h-11 min-w-0 grow resize-none bg-transparent px-3 py-2.5 text-ink outline-none placeholder:text-soft"
        />
        {onCancel && <IconButton label={t("cancel_edit")} icon={X} onClick={onCancel} />}
        <IconButton
          type="submit"
          label={t(editing ? "save" : "send")}
          icon={editing ? Check : SendHorizontal}
          disabled={text.trim() === ""}
          className="text-brand"
        />
      </div>
    </form>
  );
}
