import { stored } from "./stored";

/** Single letters of the meeting: in the way of who steers by voice. */
export const shortcuts = stored<"on" | "off">("tertulia.shortcuts", ["on", "off"], "on");
