/** Messages as they are shown: what stands above each, and what stands between them. */
import type { ReactNode } from "react";
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

/** Said at that time, and no message of the conversation. */
export interface Aside {
  key: number;
  time: string;
  content: ReactNode;
}

export type Line = { entry: Entry } | { aside: Aside };

/** Both by time. */
export function interleave(entries: readonly Entry[], asides: readonly Aside[]): Line[] {
  const rest = asides.map((aside) => ({ aside }));
  const lines = entries.flatMap((entry): Line[] => {
    const now = Date.parse(entry.message.created_at);
    const later = rest.findIndex(({ aside }) => Date.parse(aside.time) > now);
    const before = rest.splice(0, later < 0 ? rest.length : later);
    return [...before, { entry: before.length > 0 ? { ...entry, head: true } : entry }];
  });
  return [...lines, ...rest];
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
