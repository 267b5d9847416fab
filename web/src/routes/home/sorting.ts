/** Which of one's meetings are on now, which are to come, and which have been. */
import type { components } from "@/generated/api";

export type Meeting = components["schemas"]["Meeting"];

interface Sorted {
  running: Meeting[];
  /** The next one first. */
  upcoming: Meeting[];
  /** The latest first; some of them have not ended: one can go there again. */
  earlier: Meeting[];
}

/** Until so long after its beginning (ms) a meeting nobody is in yet is one to come. */
const LATE = 3_600_000;

export function sortOut(meetings: readonly Meeting[], now: number): Sorted {
  const on = (meeting: Meeting) => meeting.running && !meeting.ended_at;
  const due = (meeting: Meeting) =>
    !meeting.ended_at && meeting.starts_at !== null && startOf(meeting) > now - LATE;
  const running = meetings.filter(on);
  const upcoming = meetings.filter((meeting) => !on(meeting) && due(meeting));
  const earlier = meetings.filter((meeting) => !on(meeting) && !due(meeting));
  return {
    running: running.sort((one, other) => startOf(one) - startOf(other)),
    upcoming: upcoming.sort((one, other) => startOf(one) - startOf(other)),
    earlier: earlier.sort((one, other) => startOf(other) - startOf(one)),
  };
}

/** When it was planned for, or made. */
function startOf({ starts_at, created_at }: Meeting): number {
  return Date.parse(starts_at ?? created_at);
}

/** As `<input type="datetime-local">` takes it, in the time zone of the browser. */
export function toLocalInput(moment: string | null): string {
  if (!moment) return "";
  const date = new Date(moment);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, "2026-01-31T09:30".length);
}

/** Null where nothing is chosen. */
export function fromLocalInput(text: string): string | null {
  return text ? new Date(text).toISOString() : null;
}
