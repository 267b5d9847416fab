import { useMemo } from "react";
import { useFormat } from "@/i18n/format";
import { useText } from "@/i18n/text";
import { meetingTexts } from "@/locales/meeting";
import type { Inbound } from "@/media/statistics";

type Flow = Pick<Inbound, "width" | "height" | "frameRate" | "codec">;

/** Rates, parts and sizes as the language of the page writes them. */
export function useFigures() {
  const { number } = useFormat();
  const t = useText(meetingTexts);
  return useMemo(
    () => ({
      bitrate: (bits: number) =>
        bits < 999_500
          ? number(bits / 1_000, { ...UNIT, unit: "kilobit-per-second", maximumFractionDigits: 0 })
          : number(bits / 1e6, { ...UNIT, unit: "megabit-per-second", maximumFractionDigits: 1 }),
      part: (part: number | null) =>
        part === null ? "–" : number(part, { style: "percent", maximumFractionDigits: 1 }),
      time: (ms: number | null) =>
        ms === null ? "–" : number(ms, { ...UNIT, unit: "millisecond", maximumFractionDigits: 0 }),
      picture: ({ width, height, frameRate, codec }: Flow) =>
        [
          width && height && `${width} × ${height}`,
          frameRate !== null && t("frame_rate", { rate: Math.round(frameRate) }),
          codec,
        ]
          .filter(Boolean)
          .join(" · "),
    }),
    [number, t],
  );
}

const UNIT = { style: "unit", unitDisplay: "short" } as const;
