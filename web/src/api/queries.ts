import { useMutation, useQuery } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { useObservable } from "@/store/use-observable";
import { accountToken, signIn } from "./account";
import { type ApiError, answered, api } from "./client";

type Schemas = components["schemas"];

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: ApiError;
  }
}
export type User = Schemas["Me"];

/** The signed-in user; undefined while signed out or not known yet. */
export function useMe(): User | undefined {
  const token = useObservable(accountToken);
  const me = useQuery({
    queryKey: ["me", token],
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
  return useMutation({
    mutationFn: (body: Schemas["NewMeeting"]) => answered(api.POST("/meetings", { body })),
  });
}

export function useMeeting(id: string) {
  return useQuery({
    queryKey: ["meeting", id],
    queryFn: () =>
      answered(api.GET("/meetings/{meeting_id}", { params: { path: { meeting_id: id } } })),
    retry: (count, error) => count < 3 && error.status !== 404,
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
