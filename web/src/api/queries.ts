import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { useObservable } from "@/store/use-observable";
import { accountToken, signIn } from "./account";
import { answered, api } from "./client";
import { keys } from "./keys";
import { makeOnce } from "./requests";

type Schemas = components["schemas"];

export type User = Schemas["Me"];

/** The signed-in user; undefined while signed out or not known yet. */
export function useMe(): User | undefined {
  const token = useObservable(accountToken);
  const me = useQuery({
    queryKey: keys.me,
    queryFn: () => answered(api.GET("/users/me")),
    enabled: token !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return token ? me.data : undefined;
}

export function useSignUp() {
  return useMutation({
    mutationFn: (body: Schemas["Signup"]) => answered(api.POST("/auth/signup", { body })),
    onSuccess: (session) => signIn(session.token),
  });
}

export function useSignIn() {
  return useMutation({
    mutationFn: (body: Schemas["Login"]) => answered(api.POST("/auth/login", { body })),
    onSuccess: (session) => signIn(session.token),
  });
}

export function useNewMeeting() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["NewMeeting"]) =>
      makeOnce((header) => answered(api.POST("/meetings", { params: { header }, body }))),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.meetings.all }),
  });
}

export function useMeeting(id: string) {
  return useQuery({
    queryKey: keys.meetings.one(id),
    queryFn: () =>
      answered(api.GET("/meetings/{meeting_id}", { params: { path: { meeting_id: id } } })),
  });
}

export function useNewGuest(meetingId: string) {
  return useMutation({
    mutationFn: (body: Schemas["NewGuest"]) =>
      answered(
        api.POST("/meetings/{meeting_id}/guests", {
          params: { path: { meeting_id: meetingId } },
          body,
        }),
      ),
  });
}
