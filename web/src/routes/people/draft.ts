/** One's profile while one edits it. */
import type { User } from "@/api/queries";

type Profile = Pick<User, "name" | "age" | "version">;

export interface Draft {
  name: string;
  /** As it is typed; empty: none. */
  age: string;
  /** What was there when one began. */
  base: Profile;
}

export function beginning({ name, age, version }: Profile): Draft {
  return { name, age: age === null ? "" : String(age), base: { name, age, version } };
}

/** A new picture makes a new version too, and is nobody's conflict: only name and age are. */
export function moved(base: Profile, now: Profile): Profile {
  return now.name === base.name && now.age === base.age ? now : base;
}

export function changesOf({ name, age }: Draft): { name: string; age: number | null } {
  return { name, age: age.trim() === "" ? null : Number(age) };
}
