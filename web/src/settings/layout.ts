import { stored } from "./stored";

export const LAYOUTS = ["grid", "speaker"] as const;

/** How the tiles of a meeting are arranged when one comes in. */
export const startLayout = stored<(typeof LAYOUTS)[number]>("tertulia.layout", LAYOUTS, "grid");
