import { useMutation, useQueryClient } from "@tanstack/react-query";
import { signOut } from "@/api/account";
import { answered, api } from "@/api/client";
import { keys } from "@/api/keys";
import { type Pages, usePages } from "@/api/pages";
import type { components } from "@/generated/api";

type Schemas = components["schemas"];
export type Login = Schemas["SignedIn"];

/** As many as one answer holds: all of them can be ended at once. */
const MOST = 100;

export function useLogins(): Pages<Login> {
  return usePages(keys.sessions.list(), (place) =>
    answered(api.GET("/auth/sessions", { params: { query: { ...place, limit: MOST } } })),
  );
}

/** Signs out there. */
export function useEndLogins() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (logins: readonly Login[]) =>
      Promise.all(
        logins.map(({ id }) =>
          answered(
            api.DELETE("/auth/sessions/{session_id}", { params: { path: { session_id: id } } }),
          ),
        ),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: keys.sessions.all }),
  });
}

export function useNewPassword() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["PasswordChange"]) => answered(api.PUT("/auth/password", { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.sessions.all }),
  });
}

/** Whoever is no more is not signed in either, and begins from the front: the page forgets all. */
export function useDeleteAccount() {
  return useMutation({
    mutationFn: (password: string) => answered(api.DELETE("/users/me", { body: { password } })),
    onSuccess: () => {
      signOut();
      location.assign("/");
    },
  });
}
