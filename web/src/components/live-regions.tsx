import { useObservable } from "@/store/use-observable";
import { announcements, type Urgency } from "./announcements";

/** Once per page: where `announce` is heard. */
export function LiveRegions() {
  return (
    <>
      <LiveRegion urgency="polite" />
      <LiveRegion urgency="assertive" />
    </>
  );
}

function LiveRegion({ urgency }: { urgency: Urgency }) {
  const { text, number } = useObservable(announcements[urgency]);
  return (
    <div aria-live={urgency} aria-atomic="true" className="sr-only" data-testid={urgency}>
      <p key={number}>{text}</p>
    </div>
  );
}
