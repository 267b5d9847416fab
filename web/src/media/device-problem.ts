/** Why a camera or microphone cannot be had. */
export type DeviceProblem = "insecure" | "denied" | "missing" | "busy" | "failed";

/** DOMException names of getUserMedia (Media Capture and Streams, section 10.2). */
const PROBLEMS: Record<string, DeviceProblem> = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

export function deviceProblem(error: unknown): DeviceProblem {
  return (error instanceof Error && PROBLEMS[error.name]) || "failed";
}

/** A page on `http://<LAN address>` has no `navigator.mediaDevices` at all. */
export function hasDeviceAccess(): boolean {
  return window.isSecureContext && "mediaDevices" in navigator;
}
