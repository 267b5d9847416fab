import { Dialog } from "@/components/dialog";
import { Switch } from "@/components/switch";
import { useText } from "@/i18n/text";
import { panelsTexts } from "@/locales/panels";
import { shortcuts } from "@/settings/shortcuts";
import { useObservable } from "@/store/use-observable";
import type { Panels } from "./panels";
import { type Command, KEYS } from "./shortcuts";

/** What the keys do. */
export function HelpDialog({ panels }: { panels: Panels }) {
  const t = useText(panelsTexts);
  const open = useObservable(panels.help);
  const chosen = useObservable(shortcuts);
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => panels.help.set(next)}
      title={t("shortcuts")}
      className="stage"
    >
      <Switch
        label={t("shortcuts_on")}
        hint={t("shortcuts_hint")}
        checked={chosen === "on"}
        onChange={(on) => shortcuts.set(on ? "on" : "off")}
      />
      <dl className="grid grid-cols-[1fr_auto] items-center gap-x-6 gap-y-2">
        {(Object.keys(KEYS) as Command[]).map((command) => (
          <Row
            key={command}
            text={t(`key_${command}`)}
            keys={KEYS[command].map((key) => (key === "Shift" ? t("shift") : key))}
          />
        ))}
        <Row text={t("key_talk")} keys={[t("space")]} />
      </dl>
    </Dialog>
  );
}

function Row({ text, keys }: { text: string; keys: readonly string[] }) {
  return (
    <>
      <dt>{text}</dt>
      <dd className="flex justify-end gap-1">
        {keys.map((key) => (
          <kbd
            key={key}
            className="min-w-8 rounded-lg border border-line bg-raised px-2 py-1 text-center font-sans text-sm font-semibold"
          >
            {key}
          </kbd>
        ))}
      </dd>
    </>
  );
}
