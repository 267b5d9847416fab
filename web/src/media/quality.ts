/** How good a connection is, as far as this side of it can know. */
import type { Figures } from "./statistics";

export type Grade = "good" | "fair" | "poor";

const POOR = { loss: 0.1, roundTrip: 500 };
const FAIR = { loss: 0.03, roundTrip: 250 };
/** Part of the time in which what comes from somebody has gaps that one sees or hears. */
const GAPPY = 0.12;

/** Of the own way to the server and back. `starved`: a picture is held back for want of room. */
export function ownGrade(figures: Figures, starved: boolean): Grade {
  if (exceeds(figures, POOR)) return "poor";
  return starved || exceeds(figures, FAIR) ? "fair" : "good";
}

/** Ids of tracks that come with gaps. Whose fault it is one knows only where the own way is good. */
export function gappy(figures: Figures): ReadonlySet<string> {
  const weak = figures.inbound.filter(({ gaps, bitrate }) => gaps > GAPPY && bitrate > 0);
  return new Set(weak.flatMap(({ trackId }) => trackId ?? []));
}

function exceeds(figures: Figures, limit: typeof POOR): boolean {
  const { lossIn, lossOut, roundTrip } = figures;
  const loss = Math.max(lossIn ?? 0, lossOut ?? 0);
  return loss >= limit.loss || (roundTrip ?? 0) >= limit.roundTrip;
}
