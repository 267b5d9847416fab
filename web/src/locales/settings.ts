import { catalogue } from "@/i18n/text";
import de from "./de/settings.json";
import en from "./en/settings.json";

export const settingsTexts = catalogue({ en, de });
