import { useEffect, useState } from "react";
import { type TimeStyle, useFormat } from "@/i18n/format";

interface Props {
  value: string;
  style?: TimeStyle;
  className?: string;
}

/** A moment as the server says it, in words; the exact one for whoever points at it. */
export function Time({ value, style = "datetime", className }: Props) {
  const format = useFormat();
  const now = nowFor(value, useNow(style === "relative"));
  return (
    <time dateTime={value} title={format.time(value, "datetime")} className={className}>
      {format.time(value, style, now)}
    </time>
  );
}

const MINUTE = 60_000;

/** What has just come is not of the future, though the minute is older. */
function nowFor(value: string, now: number): number {
  const moment = Date.parse(value);
  return moment > now && moment < now + 2 * MINUTE ? moment : now;
}

function useNow(runs: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!runs) return;
    const timer = setInterval(() => setNow(Date.now()), MINUTE);
    return () => clearInterval(timer);
  }, [runs]);
  return now;
}
