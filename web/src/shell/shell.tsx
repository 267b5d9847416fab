import { type ReactNode, useEffect } from "react";
import { live } from "@/live";
import { ConnectionNote } from "./connection-note";
import { Navigation } from "./navigation";
import { SkipLink } from "./skip-link";

/** Around every screen of somebody signed in, but the meeting's. Keeps the connection for chat. */
export function Shell({ children }: { children: ReactNode }) {
  useEffect(() => live.hold(), []);
  return (
    <div className="shell md:grid md:grid-cols-[6.5rem_minmax(0,1fr)]">
      <SkipLink />
      <Navigation />
      <main
        id="main"
        tabIndex={-1}
        className="min-h-(--shell-height) outline-none max-md:mb-(--shell-bar)"
      >
        {children}
      </main>
      <ConnectionNote />
    </div>
  );
}
