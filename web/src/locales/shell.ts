import { catalogue } from "@/i18n/text";
import de from "./de/shell.json";
import en from "./en/shell.json";

export const shellTexts = catalogue({ en, de });
