import { useEffect, useRef, useState } from "react";
import { useNavigationType, useSearchParams } from "react-router";

/** ms without a key pressed. */
const PAUSE = 250;

interface Search {
  /** What is in the field. */
  text: string;
  change: (text: string) => void;
  /** What is searched for: `search` of the address, which follows the field. */
  wanted: string;
}

/** A search that a link leads to again: what is typed comes into the address when typing rests. */
export function useSearch(): Search {
  const [address, setAddress] = useSearchParams();
  const wanted = address.get("search") ?? "";
  const [text, setText] = useState(wanted);
  const [known, setKnown] = useState(wanted);
  const ours = useNavigationType() === "REPLACE";
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  if (wanted !== known) {
    setKnown(wanted);
    if (!ours) setText(wanted); // a link, or a step back
  }
  function change(next: string): void {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setAddress((before) => withSearch(before, next.trim()), { replace: true });
    }, PAUSE);
  }
  return { text, change, wanted };
}

function withSearch(before: URLSearchParams, search: string): URLSearchParams {
  const next = new URLSearchParams(before);
  if (search) next.set("search", search);
  else next.delete("search");
  return next;
}
