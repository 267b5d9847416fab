import { type ReactNode, useEffect, useRef } from "react";

interface Props {
  children: ReactNode;
  className?: string;
}

/** The first heading that was shown gets no focus: a page that just opened begins at its top. */
let opened = false;

/** The heading of a screen. Coming from another one, it gets the focus, and so is read out. */
export function Heading({ children, className = "" }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (opened) heading.current?.focus();
    opened = true;
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} className={`font-semibold outline-none ${className}`}>
      {children}
    </h1>
  );
}
