import type { ReactNode } from "react";
import { useAvatar } from "@/api/avatars";
import { initials } from "@/lib/initials";

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
  /** `avatar` of a person: the path of a picture. */
  picture?: string | null | undefined;
  /** Its size, and that of its letters. */
  className?: string;
}

/** A picture, or initials on a colour of one's own. Its name is said beside it. */
export function Avatar({ name, picture = null, className = "" }: Props) {
  const letters = <Initials name={name} className={className} />;
  if (!picture) return letters;
  return <Picture path={picture} fallback={letters} className={className} />;
}

interface PictureProps {
  path: string;
  fallback: ReactNode;
  className: string;
}

function Picture({ path, fallback, className }: PictureProps) {
  const source = useAvatar(path);
  if (!source) return fallback;
  return <img src={source} alt="" className={`shrink-0 rounded-full object-cover ${className}`} />;
}

function Initials({ name, className }: { name: string; className: string }) {
  return (
    <span
      aria-hidden="true"
      style={{ backgroundColor: wallOf(name) }}
      className={`grid shrink-0 place-items-center rounded-full font-display font-semibold text-white ${className}`}
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
