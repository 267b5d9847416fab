import { catalogue } from "@/i18n/text";
import de from "./de/blog.json";
import en from "./en/blog.json";

export const blog = catalogue({ en, de });
