import { catalogue } from "@/i18n/text";
import de from "./de/problems.json";
import en from "./en/problems.json";

export const problems = catalogue({ en, de });
