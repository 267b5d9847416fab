import { catalogue } from "@/i18n/text";
import de from "./de/chat.json";
import en from "./en/chat.json";

export const chatTexts = catalogue({ en, de });
