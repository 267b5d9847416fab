import { catalogue } from "@/i18n/text";
import de from "./de/panels.json";
import en from "./en/panels.json";

export const panelsTexts = catalogue({ en, de });
