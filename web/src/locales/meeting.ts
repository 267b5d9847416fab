import { catalogue, type TextOf } from "@/i18n/text";
import de from "./de/meeting.json";
import en from "./en/meeting.json";

export const meetingTexts = catalogue({ en, de });
export type MeetingText = TextOf<typeof meetingTexts>;
