import { useEffect } from "react";
import { Observable } from "@/store/observable";
import { useObservable } from "@/store/use-observable";

/** How much waits to be read: it stands before the name of the tab, 0 does not. */
export const waiting = new Observable(0);

/** Names the tab while the component is shown. */
export function usePageTitle(title: string): void {
  const count = useObservable(waiting);
  useEffect(() => {
    const before = document.title;
    document.title = `${count > 0 ? `(${count}) ` : ""}${title} · Tertulia`;
    return () => {
      document.title = before;
    };
  }, [title, count]);
}
