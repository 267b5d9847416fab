import type { Format } from "@/i18n/format";

const SIZES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
const RATES = ["bit", "kilobit", "megabit", "gigabit"] as const;

/** "1.2 GB", in steps of a thousand. */
export function size(bytes: number, format: Format): string {
  const [value, unit] = scaled(bytes, SIZES);
  return format.number(value, { style: "unit", unit, maximumSignificantDigits: 3 });
}

/** "850 kb/s". */
export function rate(bits: number, format: Format): string {
  const [value, unit] = scaled(bits, RATES);
  const options = {
    style: "unit",
    unit: `${unit}-per-second`,
    maximumSignificantDigits: 3,
  } as const;
  return format.number(value, options);
}

export function percent(share: number, format: Format): string {
  return format.number(share, { style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0 });
}

function scaled<Unit>(value: number, units: readonly [Unit, ...Unit[]]): [number, Unit] {
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, value)) / 3));
  return [value / 1_000 ** step, units[step] ?? units[0]];
}
