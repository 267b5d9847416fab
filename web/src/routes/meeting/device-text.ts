import type { Captured } from "@/media/capture";
import type { DeviceProblem } from "@/media/device-problem";

/** What to tell people, and what they can do about it. */
export function deviceText(source: Captured, problem: DeviceProblem): string {
  switch (problem) {
    case "insecure":
      return `Browsers give no ${source} to a page without encryption. Open this meeting by HTTPS, or on localhost.`;
    case "denied":
      return `You did not allow the ${source}. Allow it at the lock symbol beside the address, then turn it on again.`;
    case "missing":
      return `No ${source} was found. Plug one in, or join without it.`;
    case "busy":
      return `The ${source} is used by another program. Close that one, then turn it on again.`;
    case "failed":
      return `The ${source} did not start. Try again, or choose another one.`;
  }
}
