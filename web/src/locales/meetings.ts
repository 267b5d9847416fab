import { catalogue } from "@/i18n/text";
import de from "./de/meetings.json";
import en from "./en/meetings.json";

export const meetingsTexts = catalogue({ en, de });
