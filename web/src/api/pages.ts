/** Lists that come page by page (`items` and `next`), as one growing list. */
import {
  type InfiniteData,
  type QueryKey,
  type UseInfiniteQueryResult,
  useInfiniteQuery,
} from "@tanstack/react-query";

export interface Page<T> {
  items: T[];
  /** `after` of the next page; null on the last. */
  next: string | null;
}

export type Pages<T> = UseInfiniteQueryResult<T[]>;

interface Options {
  enabled?: boolean;
}

/** `load` gets `after`, which the first page has not: spread it into the query of the request. */
export function usePages<T>(
  queryKey: QueryKey,
  load: (place: { after?: string }) => Promise<Page<T>>,
  { enabled = true }: Options = {},
): Pages<T> {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => load(pageParam === null ? {} : { after: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    select: allItems<T>,
    enabled,
  });
}

function allItems<T>({ pages }: InfiniteData<Page<T>>): T[] {
  return pages.flatMap((page) => page.items);
}
