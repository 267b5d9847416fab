/** With which token this tab may enter a meeting. */
import { accountToken } from "@/api/account";

/** The account's, or that of a guest who has given a name before in this tab. */
export function heldToken(meetingId: string): string | null {
  return accountToken.get() ?? guestToken(meetingId);
}

export function guestToken(meetingId: string): string | null {
  return sessionStorage.getItem(key(meetingId));
}

export function holdGuestToken(meetingId: string, token: string): void {
  sessionStorage.setItem(key(meetingId), token);
}

export function dropGuestToken(meetingId: string): void {
  sessionStorage.removeItem(key(meetingId));
}

function key(meetingId: string): string {
  return `tertulia.guest.${meetingId}`;
}
