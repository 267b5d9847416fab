/** What screen readers are told in passing: who came, who raised a hand, what was said. */
import { Observable } from "@/store/observable";

export type Urgency = "polite" | "assertive";

interface Announcement {
  text: string;
  /** The same text twice is two announcements. */
  number: number;
}

const silence: Announcement = { text: "", number: 0 };

export const announcements: Readonly<Record<Urgency, Observable<Announcement>>> = {
  polite: new Observable(silence),
  assertive: new Observable(silence),
};

/** `assertive` interrupts; keep it for what cannot wait. */
export function announce(text: string, urgency: Urgency = "polite"): void {
  announcements[urgency].update(({ number }) => ({ text, number: number + 1 }));
}
