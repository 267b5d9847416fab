import { catalogue, type TextOf } from "@/i18n/text";
import de from "./de/problems.json";
import en from "./en/problems.json";

export const problemsTexts = catalogue({ en, de });
export type ProblemsText = TextOf<typeof problemsTexts>;
