/** What is beside and above the stage of one meeting. */
import { MutedSpeech } from "@/media/muted-speech";
import type { MediaSession } from "@/media/session";
import { Observable } from "@/store/observable";
import { MeetingChat } from "./meeting-chat";
import { Reactions } from "./reactions";

export type PanelName = "chat" | "people";

export class Panels {
  readonly session: MediaSession;
  /** One at a time. */
  readonly shown = new Observable<PanelName | null>(null);
  /** The overview of keys. */
  readonly help = new Observable(false);
  readonly reactions = new Reactions();
  readonly mutedSpeech: MutedSpeech;
  /** Null where the server has none. */
  readonly chat: MeetingChat | null;

  /** `session` has joined. */
  constructor(session: MediaSession) {
    this.session = session;
    this.mutedSpeech = new MutedSpeech(session.local);
    const { conversationId } = session.state.get();
    const userId = session.link.socket.welcome?.user_id ?? null;
    this.chat = conversationId === null ? null : new MeetingChat(conversationId, session, userId);
  }

  /** Until the function that is returned is called. */
  start(): () => void {
    const stops = [
      this.chat?.open(),
      this.mutedSpeech.watch(),
      this.session.events.on("reaction", ({ participant_id, emoji }) =>
        this.reactions.show(participant_id, emoji),
      ),
    ];
    return () => {
      for (const stop of stops) stop?.();
      this.reactions.clear();
    };
  }

  toggle(name: PanelName): void {
    if (name === "chat" && !this.chat) return;
    this.shown.update((shown) => (shown === name ? null : name));
  }

  close(): void {
    this.shown.set(null);
  }
}
