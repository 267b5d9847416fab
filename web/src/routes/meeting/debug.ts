import type { MediaSession } from "@/media/session";

declare global {
  interface Window {
    /** A handle for statistics, in the console and in tests. */
    tertulia?: { session: MediaSession; pc(): RTCPeerConnection | null; readonly socket: unknown };
  }
}

export function exposeForDebugging(session: MediaSession): void {
  window.tertulia = {
    session,
    pc: () => session.connection,
    get socket() {
      return session.link.socket;
    },
  };
}
