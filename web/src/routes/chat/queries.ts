import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answered, api } from "@/api/client";
import { keys } from "@/api/keys";
import { type Pages, usePages } from "@/api/pages";
import { ifMatch, makeOnce } from "@/api/requests";
import type { components } from "@/generated/api";

type Schemas = components["schemas"];
export type Conversation = Schemas["Conversation"];
export type Participant = Schemas["ConversationParticipant"];

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

/** By name of the first 100; more are in no group, and in few meetings. */
export function useParticipants(id: number) {
  return useQuery({
    queryKey: keys.conversations.of(id, "participants"),
    queryFn: async () => {
      const params = { path: { conversation_id: id }, query: { limit: 100 } };
      const request = api.GET("/conversations/{conversation_id}/participants", { params });
      return (await answered(request)).items;
    },
  });
}

type Beginning =
  | { kind: "direct"; user_id: number }
  | { kind: "group"; title: string; user_ids: number[] };

export function useBegin() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Beginning) =>
      makeOnce((header) => answered(api.POST("/conversations", { params: { header }, body }))),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.conversations.list() }),
  });
}

/** All that changes a conversation's title or members shows at once. */
function useChange<T>(id: number, change: (body: T) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: keys.conversations.all }),
    scope: { id: `conversation ${id}` },
  });
}

export function useRename({ id, version }: Conversation) {
  return useChange(id, (title: string) =>
    answered(
      api.PATCH("/conversations/{conversation_id}", {
        params: { path: { conversation_id: id }, header: ifMatch(version) },
        body: { title },
      }),
    ),
  );
}

export function useAddPeople(id: number) {
  return useChange(id, (user_ids: number[]) =>
    answered(
      api.POST("/conversations/{conversation_id}/participants", {
        params: { path: { conversation_id: id } },
        body: { user_ids },
      }),
    ),
  );
}

/** Oneself too. */
export function useRemovePerson(id: number) {
  return useChange(id, (user_id: number) =>
    answered(
      api.DELETE("/conversations/{conversation_id}/participants/{user_id}", {
        params: { path: { conversation_id: id, user_id } },
      }),
    ),
  );
}
