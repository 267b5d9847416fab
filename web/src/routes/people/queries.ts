import { answered, api } from "@/api/client";
import { keys } from "@/api/keys";
import { type Pages, usePages } from "@/api/pages";
import type { components } from "@/generated/api";

export type Person = components["schemas"]["Person"];

export function usePeople(search: string): Pages<Person> {
  return usePages(keys.people.list({ search }), (place) => {
    const query = { ...place, ...(search && { search }) };
    return answered(api.GET("/users", { params: { query } }));
  });
}
