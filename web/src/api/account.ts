/** Who is signed in: the token every request and every socket shows. */
import { Observable } from "@/store/observable";
import { claimsOf } from "./claims";

const KEY = "tertulia.token";

export const accountToken = new Observable(localStorage.getItem(KEY));

export function signIn(token: string): void {
  localStorage.setItem(KEY, token);
  accountToken.set(token);
}

export function signOut(): void {
  localStorage.removeItem(KEY);
  accountToken.set(null);
}

/** Stays the same when a token is renewed, and changes with the person; null while signed out. */
export function accountOf(token: string | null): string | null {
  return token && String(claimsOf(token)?.sub ?? token);
}

/** Another tab signed in or out. */
window.addEventListener("storage", (event) => {
  if (event.key === KEY) accountToken.set(event.newValue);
});
