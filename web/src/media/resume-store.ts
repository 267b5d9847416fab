/** What a reload of the page needs to take its place in the meeting again. Kept per tab. */
import type { Replaces } from "@/signaling/messages";

export function saveResume(meetingId: string, { session_id, secret }: Replaces): void {
  sessionStorage.setItem(key(meetingId), JSON.stringify({ session_id, secret }));
}

export function loadResume(meetingId: string): Replaces | null {
  const stored = sessionStorage.getItem(key(meetingId));
  return stored ? (JSON.parse(stored) as Replaces) : null;
}

export function clearResume(meetingId: string): void {
  sessionStorage.removeItem(key(meetingId));
}

function key(meetingId: string): string {
  return `tertulia.resume.${meetingId}`;
}
