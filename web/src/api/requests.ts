/** What some requests need beside their body. */
import { ApiError } from "./client";

/** For `params.header`: the edit is of this version and no other; 412 says that somebody was faster. */
export function ifMatch(version: number): { "If-Match": string } {
  return { "If-Match": `"${version}"` };
}

/** Also where there is no `crypto.randomUUID`: on pages without encryption. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Pauses before it is sent again, ms. */
const PAUSES = [1_000, 3_000];

/**
 * Makes something once, though answers may get lost: `send` gets the key (for `params.header`) under
 * which the server knows a request that it has seen before, and is called again where no answer came.
 */
export async function makeOnce<T>(
  send: (header: { "Idempotency-Key": string }) => Promise<T>,
): Promise<T> {
  const header = { "Idempotency-Key": newKey() };
  for (const pause of PAUSES) {
    try {
      return await send(header);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 0)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return send(header);
}
