import { LoaderCircle } from "lucide-react";

/** Seen only; say beside it what is awaited. */
export function Spinner({ className = "size-5" }: { className?: string }) {
  return <LoaderCircle className={`shrink-0 animate-spin ${className}`} aria-hidden="true" />;
}
