import { createContext } from "react";

/** Pictures of who speaks, by user; whoever has left since has none. */
export const Faces = createContext<ReadonlyMap<number, string | null>>(new Map());
