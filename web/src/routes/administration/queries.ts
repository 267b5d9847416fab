import { answered, api } from "@/api/client";
import { keys } from "@/api/keys";
import { type Pages, usePages } from "@/api/pages";
import type { components } from "@/generated/api";

export type Account = components["schemas"]["Account"];

export function useAccounts(search: string): Pages<Account> {
  return usePages(keys.accounts.list({ search }), (place) => {
    const query = { ...place, ...(search && { search }) };
    return answered(api.GET("/admin/users", { params: { query } }));
  });
}
