/** First and longest pause between attempts to connect, ms. */
const FIRST = 400;
const LONGEST = 5_000;

/**
 * The pause before reconnecting, ms: doubled with each failed attempt (0, 1, …), and spread over
 * its upper half so that the clients of a restarted server do not all come at once.
 */
export function backoff(attempt: number, random: number): number {
  const longest = Math.min(LONGEST, FIRST * 2 ** attempt);
  return longest * (0.5 + random / 2);
}
