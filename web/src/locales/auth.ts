import { catalogue } from "@/i18n/text";
import de from "./de/auth.json";
import en from "./en/auth.json";

export const authTexts = catalogue({ en, de });
