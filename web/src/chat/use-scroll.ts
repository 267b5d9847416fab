import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** px from the end within which one still is at it. */
const END = 48;
/** Left above what is new when one comes. */
const AIR = 96;

interface Shown {
  /** Another one: earlier messages have come above. */
  first: number | undefined;
  /** Changes with whatever one has just written: one wants to see it. */
  written: string | undefined;
}

interface Scroll {
  box: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** What is new begins here. */
  mark: RefObject<HTMLLIElement | null>;
  atEnd: boolean;
  toEnd: () => void;
  onScroll: () => void;
}

/**
 * Stays at the end while one is there, and where one reads otherwise: whatever comes above or below,
 * nothing under the eye moves. The browser's own anchoring is off, as not all have it.
 */
export function useScroll({ first, written }: Shown): Scroll {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const mark = useRef<HTMLLIElement>(null);
  const place = useRef({ first: undefined as number | undefined, written, end: true, rest: 0 });
  const [atEnd, setAtEnd] = useState(true);

  const onScroll = useCallback(() => {
    if (!box.current) return;
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    place.current.rest = scrollHeight - scrollTop;
    place.current.end = place.current.rest - clientHeight < END;
    setAtEnd(place.current.end);
  }, []);

  const settle = useCallback(() => {
    if (box.current && place.current.end) box.current.scrollTop = box.current.scrollHeight;
    onScroll();
  }, [onScroll]);

  const toEnd = useCallback(() => {
    place.current.end = true;
    settle();
  }, [settle]);

  useLayoutEffect(() => {
    const then = place.current;
    if (!box.current) return;
    if (then.written !== written && written) then.end = true;
    if (then.first === undefined && mark.current) {
      box.current.scrollTop = mark.current.offsetTop - AIR;
      onScroll();
    } else if (then.first !== first && !then.end) {
      box.current.scrollTop = box.current.scrollHeight - then.rest;
    }
    then.first = first;
    then.written = written;
    settle();
  }, [first, written, onScroll, settle]);

  useEffect(() => {
    const observer = new ResizeObserver(settle);
    if (box.current) observer.observe(box.current);
    if (content.current) observer.observe(content.current);
    return () => observer.disconnect();
  }, [settle]);

  return { box, content, mark, atEnd, toEnd, onScroll };
}
