/** Messages as they are shown: what stands above each. */
import type { Author, Message } from "./conversation";

export interface Entry {
  message: Message;
  own: boolean;
  /** The first of its day. */
  day: boolean;
  /** The first of what is new. */
  fresh: boolean;
  /** Who and when is said, as somebody else speaks or time has passed. */
  head: boolean;
}

/** ms within which somebody goes on speaking. */
const BREATH = 5 * 60_000;

export function entriesOf(
  messages: readonly Message[],
  isOwn: (author: Author) => boolean,
  newAfter: number | null,
): Entry[] {
  let fresh = newAfter === null;
  return messages.map((message, index) => {
    const before = messages[index - 1];
    const own = isOwn(message.author);
    const day = !before || dayOf(before) !== dayOf(message);
    const begins = !fresh && message.seq > (newAfter ?? 0) && !own;
    fresh ||= begins;
    return { message, own, day, fresh: begins, head: day || begins || !goesOn(before, message) };
  });
}

function goesOn(before: Message, { author, created_at }: Message): boolean {
  const same =
    before.author.user_id === author.user_id &&
    before.author.guest_id === author.guest_id &&
    before.author.name === author.name;
  return same && Date.parse(created_at) - Date.parse(before.created_at) < BREATH;
}

function dayOf({ created_at }: Message): string {
  return new Date(created_at).toDateString();
}

/** 0: today, 1: yesterday. */
export function daysAgo(moment: string, now: number): number {
  const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0);
  return Math.round((midnight(now) - midnight(Date.parse(moment))) / 86_400_000);
}
