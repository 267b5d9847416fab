import { expect, test } from "vitest";
import { fromLocalInput, type Meeting, sortOut, toLocalInput } from "./sorting";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const HOUR = 3_600_000;

function meeting(id: string, hours: number | null, more: Partial<Meeting> = {}): Meeting {
  const starts_at = hours === null ? null : new Date(NOW + hours * HOUR).toISOString();
  const made = { id, starts_at, created_at: "2026-11-20T12:00:00Z", ended_at: null };
  return { ...made, running: false, ...more } as Meeting;
}

test("meetings are on, to come or over", () => {
  const ended_at = "2026-11-23T11:00:00Z";
  const { running, upcoming, earlier } = sortOut(
    [
      meeting("tomorrow", 24),
      meeting("soon", 1),
      meeting("late", -0.5),
      meeting("missed", -5),
      meeting("unplanned", null),
      meeting("cancelled", 48, { ended_at }),
      meeting("on since long", -30, { running: true }),
      meeting("on too early", 5, { running: true }),
    ],
    NOW,
  );
  expect(running.map(({ id }) => id)).toEqual(["on since long", "on too early"]);
  expect(upcoming.map(({ id }) => id)).toEqual(["late", "soon", "tomorrow"]);
  expect(earlier.map(({ id }) => id)).toEqual(["cancelled", "missed", "unplanned"]);
});

test("a moment goes through the form and comes back", () => {
  const moment = "2026-12-01T16:30:00.000Z";
  expect(fromLocalInput(toLocalInput(moment))).toBe(moment);
  expect(toLocalInput(moment)).toMatch(/^2026-1[12]-\d\dT\d\d:\d0$/);
  expect([toLocalInput(null), fromLocalInput("")]).toEqual(["", null]);
});
