import { Link } from "react-router";

/** A round table from above; one of those around it has the word. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="#0f5e63" />
      <circle cx="16" cy="16" r="5" fill="#f7f2e9" />
      <g fill="#9fd3cf">
        <circle cx="25" cy="16" r="2.6" />
        <circle cx="18.8" cy="24.6" r="2.6" />
        <circle cx="8.7" cy="21.3" r="2.6" />
        <circle cx="8.7" cy="10.7" r="2.6" />
      </g>
      <circle cx="18.8" cy="7.4" r="2.9" fill="#f2b441" />
    </svg>
  );
}

export function Logo() {
  return (
    <Link to="/" className="flex items-center gap-2.5 rounded-lg">
      <Mark className="size-8" />
      <span className="font-display text-xl font-semibold tracking-tight">Tertulia</span>
    </Link>
  );
}
