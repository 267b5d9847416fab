import { stored } from "./stored";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** `public/theme.js` reads the same key before the first paint. */
export const theme = stored<Theme>("tertulia.theme", THEMES, "system");

/** For as long as the page is open. The colours follow in `styles.css`. */
export function followTheme(): void {
  theme.subscribe(apply);
  apply();
}

function apply(): void {
  const chosen = theme.get();
  document.documentElement.dataset.theme = chosen;
  for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[data-scheme]")) {
    const { scheme } = meta.dataset;
    if (chosen === "system") meta.media = `(prefers-color-scheme: ${scheme})`;
    else meta.media = scheme === chosen ? "all" : "not all";
  }
}
