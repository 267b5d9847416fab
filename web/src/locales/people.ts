import { catalogue } from "@/i18n/text";
import de from "./de/people.json";
import en from "./en/people.json";

export const peopleTexts = catalogue({ en, de });
