/** What a token says about itself; only the server knows whether it is true. */
export interface Claims {
  /** The account's or guest's id. */
  sub?: unknown;
  /** Seconds since 1970. */
  exp?: unknown;
}

/** Null for what is no token of ours. */
export function claimsOf(token: string): Claims | null {
  const payload = token.split(".")[1];
  try {
    return JSON.parse(atob((payload ?? "").replace(/-/g, "+").replace(/_/g, "/")));
  } catch {
    return null;
  }
}
