import { type ReactNode, useEffect, useRef } from "react";
import type { Pages } from "@/api/pages";
import { useText } from "@/i18n/text";
import { commonTexts } from "@/locales/common";
import { Button } from "./button";
import { ErrorState } from "./error-state";
import { Skeleton } from "./skeleton";

interface Props<T> {
  /** What it is a list of, for screen readers. */
  label: string;
  pages: Pages<T>;
  keyOf: (item: T) => string | number;
  children: (item: T) => ReactNode;
  /** Where there is nothing. */
  empty: ReactNode;
  className?: string;
}

/** A list that goes on as one comes to its end. */
export function InfiniteList<T>({ label, pages, keyOf, children, empty, className }: Props<T>) {
  if (pages.isPending) return <Skeleton />;
  if (!pages.data) return <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />;
  if (pages.data.length === 0) return empty;
  return (
    <>
      <ul aria-label={label} className={className}>
        {pages.data.map((item) => (
          <li key={keyOf(item)}>{children(item)}</li>
        ))}
      </ul>
      {pages.hasNextPage && <More pages={pages} />}
    </>
  );
}

function More<T>({ pages }: { pages: Pages<T> }) {
  const t = useText(commonTexts);
  const place = useRef<HTMLDivElement>(null);
  const { fetchNextPage, isFetchingNextPage, isFetchNextPageError } = pages;
  const idle = !isFetchingNextPage && !isFetchNextPageError;
  useEffect(() => {
    if (!place.current || !idle) return;
    const observer = new IntersectionObserver(
      ([entry]) => entry?.isIntersecting && void fetchNextPage(),
      { rootMargin: "400px" },
    );
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [fetchNextPage, idle]);
  return (
    <div ref={place} className="grid justify-items-center py-4">
      <Button look="plain" pending={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {isFetchNextPageError ? t("try_again") : t("show_more")}
      </Button>
    </div>
  );
}
