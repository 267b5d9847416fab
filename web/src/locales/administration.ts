import { catalogue, type TextOf } from "@/i18n/text";
import de from "./de/administration.json";
import en from "./en/administration.json";

export const administrationTexts = catalogue({ en, de });
export type AdministrationText = TextOf<typeof administrationTexts>;
