import { useEffect, useState } from "react";

/** What a value was when it last rested for `pause` ms: for searching while somebody types. */
export function useLate<T>(value: T, pause = 250): T {
  const [late, setLate] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), pause);
    return () => clearTimeout(timer);
  }, [value, pause]);
  return late;
}
