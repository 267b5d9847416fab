/** Dates, times and numbers as the language of the page writes them. */
import { useMemo } from "react";
import { useObservable } from "@/store/use-observable";
import { type Language, language } from "./language";

type Moment = Date | number | string;
export type TimeStyle = "date" | "time" | "datetime" | "relative";

const STYLES: Record<Exclude<TimeStyle, "relative">, Intl.DateTimeFormatOptions> = {
  date: { dateStyle: "medium" },
  time: { timeStyle: "short" },
  datetime: { dateStyle: "medium", timeStyle: "short" },
};

const UNITS: readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** Making one costs more than using it a hundred times. */
const made = new Map<string, unknown>();

function once<T>(key: string, make: () => T): T {
  if (!made.has(key)) made.set(key, make());
  return made.get(key) as T;
}

export function formatNumber(
  into: Language,
  value: number,
  options?: Intl.NumberFormatOptions,
): string {
  const key = `number ${into} ${JSON.stringify(options)}`;
  return once(key, () => new Intl.NumberFormat(into, options)).format(value);
}

export function formatTime(
  into: Language,
  value: Moment,
  style: TimeStyle,
  now = Date.now(),
): string {
  const date = new Date(value);
  if (style === "relative") return formatRelative(into, date.getTime() - now);
  return once(`${style} ${into}`, () => new Intl.DateTimeFormat(into, STYLES[style])).format(date);
}

/** "3 minutes ago": `distance` in ms, negative in the past. */
function formatRelative(into: Language, distance: number): string {
  const seconds = Math.round(distance / 1_000);
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  const format = once(`relative ${into}`, () => {
    return new Intl.RelativeTimeFormat(into, { numeric: "auto" });
  });
  return format.format(Math.trunc(seconds / size), unit);
}

function formatList(into: Language, items: readonly string[]): string {
  return once(`list ${into}`, () => new Intl.ListFormat(into)).format(items);
}

export interface Format {
  number(value: number, options?: Intl.NumberFormatOptions): string;
  time(value: Moment, style: TimeStyle, now?: number): string;
  list(items: readonly string[]): string;
}

export function useFormat(): Format {
  const into = useObservable(language);
  return useMemo(
    () => ({
      number: (value, options) => formatNumber(into, value, options),
      time: (value, style, now) => formatTime(into, value, style, now),
      list: (items) => formatList(into, items),
    }),
    [into],
  );
}
