import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { answered, api } from "@/api/client";
import { keys } from "@/api/keys";
import { waiting } from "@/components/use-page-title";
import { useFreshConversations } from "./use-fresh-conversations";

/** Of the conversations that were spoken in last, so many are looked at. */
const LOOKED_AT = 50;

/** In how many conversations something is new; the tab tells it too. */
export function useUnread(): number {
  useFreshConversations();
  const { data: unread = 0 } = useQuery({
    queryKey: keys.conversations.list({ unread: true }),
    queryFn: async () => {
      const query = { limit: LOOKED_AT };
      const { items } = await answered(api.GET("/conversations", { params: { query } }));
      return items.filter((conversation) => conversation.unread > 0).length;
    },
  });
  useEffect(() => {
    waiting.set(unread);
    return () => waiting.set(0);
  }, [unread]);
  return unread;
}
