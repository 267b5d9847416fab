import { Select } from "@/components/field";
import { Panel, Screen } from "@/components/screen";
import { Switch } from "@/components/switch";
import { LANGUAGES, type Language, languageChoice } from "@/i18n/language";
import { useText } from "@/i18n/text";
import { settingsTexts } from "@/locales/settings";
import { LAYOUTS, startLayout } from "@/settings/layout";
import { shortcuts } from "@/settings/shortcuts";
import { THEMES, theme } from "@/settings/theme";
import { useObservable } from "@/store/use-observable";
import { Devices } from "./devices";
import { Farewell } from "./farewell";
import { Logins } from "./logins";
import { Password } from "./password";

export default function Settings() {
  const t = useText(settingsTexts);
  return (
    <Screen title={t("title")}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
        <Panel title={t("appearance")}>
          <div className="grid gap-5 sm:grid-cols-2">
            <ThemeChoice />
            <LanguageChoice />
          </div>
        </Panel>
        <Devices />
        <Panel title={t("meetings")}>
          <div className="grid gap-5">
            <LayoutChoice />
            <ShortcutsChoice />
          </div>
        </Panel>
        <Password />
        <Logins />
        <Farewell />
      </div>
    </Screen>
  );
}

function LayoutChoice() {
  const t = useText(settingsTexts);
  return (
    <Select
      label={t("layout")}
      value={useObservable(startLayout)}
      options={LAYOUTS.map((value) => ({ value, label: t(`layout_${value}`) }))}
      onChoose={(value) => startLayout.set(value)}
    />
  );
}

function ShortcutsChoice() {
  const t = useText(settingsTexts);
  return (
    <Switch
      label={t("shortcuts")}
      hint={t("shortcuts_hint")}
      checked={useObservable(shortcuts) === "on"}
      onChange={(on) => shortcuts.set(on ? "on" : "off")}
    />
  );
}

function ThemeChoice() {
  const t = useText(settingsTexts);
  return (
    <Select
      label={t("theme")}
      value={useObservable(theme)}
      options={THEMES.map((value) => ({ value, label: t(`theme_${value}`) }))}
      onChoose={(value) => theme.set(value)}
    />
  );
}

function LanguageChoice() {
  const t = useText(settingsTexts);
  const known = Object.entries(LANGUAGES) as [Language, string][];
  return (
    <Select
      label={t("language")}
      value={useObservable(languageChoice)}
      options={[
        { value: "system", label: t("language_system") },
        ...known.map(([value, label]) => ({ value, label })),
      ]}
      onChoose={(value) => languageChoice.set(value)}
    />
  );
}
