import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answered, api } from "@/api/client";
import { keys } from "@/api/keys";
import { type Pages, usePages } from "@/api/pages";
import type { User } from "@/api/queries";
import { ifMatch } from "@/api/requests";
import type { components } from "@/generated/api";

type Schemas = components["schemas"];
export type Person = Schemas["Person"];

export function usePeople(search: string): Pages<Person> {
  return usePages(keys.people.list({ search }), (place) => {
    const query = { ...place, ...(search && { search }) };
    return answered(api.GET("/users", { params: { query } }));
  });
}

export function usePerson(id: number) {
  return useQuery({
    queryKey: keys.people.one(id),
    queryFn: () => answered(api.GET("/users/{user_id}", { params: { path: { user_id: id } } })),
  });
}

/** `version` is of what was there when one began. */
interface Edit {
  version: number;
  changes: Schemas["ProfileChanges"];
}

export function useEditProfile() {
  return useMutation({
    mutationFn: ({ version, changes }: Edit) =>
      answered(api.PATCH("/users/me", { params: { header: ifMatch(version) }, body: changes })),
    onSuccess: useShowMe(),
  });
}

/** Null: none any more. */
export function useNewPicture() {
  return useMutation({
    mutationFn: (picture: Blob | null) => (picture ? put(picture) : remove()),
    onSuccess: useShowMe(),
  });
}

const remove = () => answered(api.DELETE("/users/me/avatar"));

const put = (picture: Blob) =>
  answered(
    api.PUT("/users/me/avatar", {
      body: picture,
      bodySerializer: (body) => body as Blob,
      headers: { "Content-Type": picture.type },
    }),
  );

/** Wherever the page shows one's name or picture. */
function useShowMe() {
  const client = useQueryClient();
  return (me: User) => {
    client.setQueryData(keys.me, me);
    void client.invalidateQueries({ queryKey: keys.people.all });
    void client.invalidateQueries({ queryKey: keys.posts.all });
  };
}

/** Reads one's account again: it has been changed elsewhere. */
export function useReloadMe() {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: keys.me });
}
