import { stored } from "./stored";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** `public/theme.js` reads the same key before the first paint. */
export const theme = stored<Theme>("tertulia.theme", THEMES, "system");

/** For as long as the page is open. The colours follow in `styles.css`. */
export function followTheme(): void {
  const apply = () => {
    document.documentElement.dataset.theme = theme.get();
  };
  theme.subscribe(apply);
  apply();
}
