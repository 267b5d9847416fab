import { useEffect, useRef } from "react";

/** HTML of the server's making: it lets nothing through that runs, styles or loads. */
export function Prose({ html }: { html: string }) {
  const prose = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other HTML has other elements
  useEffect(() => {
    const observer = new ResizeObserver(() => prose.current && letScroll(prose.current));
    if (prose.current) observer.observe(prose.current);
    return () => observer.disconnect();
  }, [html]);
  return (
    <div
      ref={prose}
      className="prose mt-8"
      // biome-ignore lint/security/noDangerouslySetInnerHtml: the server renders Markdown to safe HTML
      dangerouslySetInnerHTML={{ __html: html }}
    />
  );
}

/** What is too wide scrolls in itself, by keyboard too. */
function letScroll(prose: HTMLElement): void {
  for (const wide of prose.querySelectorAll<HTMLElement>("pre, table")) {
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
    else wide.removeAttribute("tabindex");
  }
}
