/** Which language the page speaks: the chosen one, or the first the browser asks for and we know. */
import { stored } from "@/settings/stored";
import type { Watchable } from "@/store/observable";

/** Each by its own name. */
export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

const KNOWN = Object.keys(LANGUAGES) as Language[];

export const languageChoice = stored<Language | "system">(
  "tertulia.language",
  ["system", ...KNOWN],
  "system",
);

export const language: Watchable<Language> = {
  get: () => {
    const choice = languageChoice.get();
    return choice === "system" ? preferred(navigator.languages) : choice;
  },
  subscribe: languageChoice.subscribe,
};

/** `tags` as in BCP 47, the dearest first. */
export function preferred(tags: readonly string[]): Language {
  for (const tag of tags) {
    const known = KNOWN.find((name) => name === tag.split("-")[0]?.toLowerCase());
    if (known) return known;
  }
  return "en";
}

/** Screen readers and hyphenation follow. For as long as the page is open. */
export function followLanguage(): void {
  const apply = () => {
    document.documentElement.lang = language.get();
  };
  languageChoice.subscribe(apply);
  apply();
}
