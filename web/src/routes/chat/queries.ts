import { useQuery } from "@tanstack/react-query";
import { answered, api } from "@/api/client";
import { keys } from "@/api/keys";
import { type Pages, usePages } from "@/api/pages";
import type { components } from "@/generated/api";

export type Conversation = components["schemas"]["Conversation"];

export function useConversations(): Pages<Conversation> {
  return usePages(keys.conversations.list(), (query) =>
    answered(api.GET("/conversations", { params: { query } })),
  );
}

export function useConversation(id: number) {
  return useQuery({
    queryKey: keys.conversations.one(id),
    queryFn: () =>
      answered(
        api.GET("/conversations/{conversation_id}", { params: { path: { conversation_id: id } } }),
      ),
  });
}
