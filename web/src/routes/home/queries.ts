import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answered, api } from "@/api/client";
import { keys } from "@/api/keys";
import { type Pages, usePages } from "@/api/pages";
import { ifMatch } from "@/api/requests";
import type { components } from "@/generated/api";
import type { Meeting } from "./sorting";

/** Of those that have not ended as many as one answer holds: they are shown in another order. */
const MOST = 100;
const A_FEW = 10;

export function useMeetings(ended: boolean): Pages<Meeting> {
  return usePages(keys.meetings.list({ ended }), (place) => {
    const query = { ...place, ended, limit: ended ? A_FEW : MOST };
    return answered(api.GET("/meetings", { params: { query } }));
  });
}

export function useEditMeeting({ id, version }: Pick<Meeting, "id" | "version">) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: components["schemas"]["MeetingChanges"]) => {
      const params = { path: { meeting_id: id }, header: ifMatch(version) };
      return answered(api.PATCH("/meetings/{meeting_id}", { params, body }));
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.meetings.all }),
  });
}

export function useEndMeeting(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () =>
      answered(api.POST("/meetings/{meeting_id}/end", { params: { path: { meeting_id: id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.meetings.all }),
  });
}
