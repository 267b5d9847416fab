import type { ErrorCode } from "./messages";

/** A request that failed: refused by the server, or never answered. */
export class SignalingError extends Error {
  readonly code: ErrorCode | "connection_lost" | "timeout";

  constructor(code: SignalingError["code"], message: string) {
    super(message);
    this.name = "SignalingError";
    this.code = code;
  }

  /** Nobody said no: the same request may succeed on the next connection. */
  get transient(): boolean {
    return this.code === "connection_lost" || this.code === "timeout";
  }
}
