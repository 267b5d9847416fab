import { useEffect } from "react";
import { announce } from "@/components/announcements";
import type { Conversation } from "./conversation";

/** What is at the end is read while the page is seen. */
export function useAttention(conversation: Conversation, atEnd: boolean): void {
  useEffect(() => {
    const look = () => conversation.attend(atEnd && document.visibilityState === "visible");
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      conversation.attend(false);
    };
  }, [conversation, atEnd]);
}

/** Screen readers hear what others say from now on. */
export function useReadOut(conversation: Conversation): void {
  useEffect(() => {
    let last: number | null = null;
    const follow = () => {
      const { phase, messages } = conversation.state.get();
      if (phase !== "ready") return;
      const since = last;
      const heard = messages.filter(({ seq }) => since !== null && seq > since);
      last = Math.max(last ?? 0, messages.at(-1)?.seq ?? 0);
      for (const { author, content } of heard) {
        if (content !== null && !conversation.isOwn(author)) announce(`${author.name}: ${content}`);
      }
    };
    follow();
    return conversation.state.subscribe(follow);
  }, [conversation]);
}
