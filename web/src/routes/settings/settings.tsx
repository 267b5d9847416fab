import { Select } from "@/components/field";
import { Panel, Screen } from "@/components/screen";
import { LANGUAGES, type Language, languageChoice } from "@/i18n/language";
import { useText } from "@/i18n/text";
import { settingsTexts } from "@/locales/settings";
import { THEMES, theme } from "@/settings/theme";
import { useObservable } from "@/store/use-observable";

export default function Settings() {
  const t = useText(settingsTexts);
  return (
    <Screen title={t("title")}>
      <Panel title={t("appearance")}>
        <div className="grid gap-5 sm:grid-cols-2">
          <ThemeChoice />
          <LanguageChoice />
        </div>
      </Panel>
    </Screen>
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
