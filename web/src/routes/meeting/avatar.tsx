/** Dark enough for light letters, one per person. */
const WALLS = [
  "#1b7076",
  "#a8482f",
  "#6d5a9c",
  "#8a6a1f",
  "#35515a",
  "#7a3f58",
  "#3f6b3c",
  "#2f5b8c",
];

interface Props {
  name: string;
  className?: string;
}

/** Initials on a colour of one's own. */
export function Avatar({ name, className = "" }: Props) {
  return (
    <span
      aria-hidden="true"
      style={{ backgroundColor: wallOf(name) }}
      className={`grid place-items-center rounded-full font-display font-semibold text-white ${className}`}
    >
      {initials(name)}
    </span>
  );
}

/** The same for the same name, everywhere (FNV-1a). */
function wallOf(name: string): string | undefined {
  const letters = [...name].map((letter) => letter.codePointAt(0) ?? 0);
  const hash = letters.reduce((sum, code) => Math.imul(sum ^ code, 16777619), 2166136261);
  return WALLS[(hash >>> 8) % WALLS.length];
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word) => [...(word ?? "")][0]?.toUpperCase() ?? "").join("");
}
