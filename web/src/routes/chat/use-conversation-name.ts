import { useText } from "@/i18n/text";
import { chatTexts } from "@/locales/chat";
import type { Conversation } from "./queries";

/** What a conversation is called by the one who reads. */
export function useConversationName(): (conversation: Conversation) => string {
  const t = useText(chatTexts);
  return ({ other, title, kind }) =>
    other?.name ?? (title || t(kind === "meeting" ? "meeting" : "group"));
}
