import { useEffect, useMemo } from "react";
import type { Notice } from "@/signaling/messages";
import { useObservable } from "@/store/use-observable";
import { live, presence } from "./index";

/** While a component is shown. `listener` must keep its identity (useCallback). */
export function useLiveNotice<T extends Notice["type"]>(
  type: T,
  listener: (notice: Extract<Notice, { type: T }>) => void,
): void {
  useEffect(() => live.on(type, listener), [type, listener]);
}

/** Who is there, of these people and of others the page shows. */
export function useOnline(ids: readonly number[]): ReadonlySet<number> {
  const list = ids.join();
  const watched = useMemo(() => (list ? list.split(",").map(Number) : []), [list]);
  useEffect(() => presence.watch(watched), [watched]);
  return useObservable(presence.online);
}
