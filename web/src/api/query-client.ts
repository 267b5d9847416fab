import { QueryClient } from "@tanstack/react-query";
import { accountOf, accountToken } from "./account";
import type { ApiError } from "./client";

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: ApiError;
  }
}

/** How often what may succeed in a moment is tried again. */
const RETRIES = 3;

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < RETRIES && error.transient,
        staleTime: 10_000, // who comes back at once sees what was there
      },
    },
  });
}

/** What one person has seen is not for the next one. For as long as the page is open. */
export function forgetOnSignOut(client: QueryClient): void {
  let account = accountOf(accountToken.get());
  accountToken.subscribe(() => {
    const next = accountOf(accountToken.get());
    if (next === account) return;
    account = next;
    if (next === null) client.clear();
    else void client.resetQueries();
  });
}
