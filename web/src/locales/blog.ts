import { catalogue } from "@/i18n/text";
import de from "./de/blog.json";
import en from "./en/blog.json";

export const blogTexts = catalogue({ en, de });
