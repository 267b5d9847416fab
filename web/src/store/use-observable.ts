import { useSyncExternalStore } from "react";
import type { Watchable } from "./observable";

/** The only door between the state outside React and the components. */
export function useObservable<T>(source: Watchable<T>): T;
/** `select` must return the same object for the same state, or a primitive. */
export function useObservable<T, S>(source: Watchable<T>, select: (value: T) => S): S;
export function useObservable<T, S>(source: Watchable<T>, select?: (value: T) => S): T | S {
  return useSyncExternalStore(source.subscribe, () =>
    select ? select(source.get()) : source.get(),
  );
}
