import { useEffect } from "react";

/** Names the tab while the component is shown. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    const before = document.title;
    document.title = `${title} · Tertulia`;
    return () => {
      document.title = before;
    };
  }, [title]);
}
