import { catalogue } from "@/i18n/text";
import de from "./de/common.json";
import en from "./en/common.json";

export const commonTexts = catalogue({ en, de });
