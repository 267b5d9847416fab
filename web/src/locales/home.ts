import { catalogue } from "@/i18n/text";
import de from "./de/home.json";
import en from "./en/home.json";

export const homeTexts = catalogue({ en, de });
