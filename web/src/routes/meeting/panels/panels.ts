/** What is beside and above the stage of one meeting. */
import { MutedSpeech } from "@/media/muted-speech";
import type { MediaSession } from "@/media/session";
import { Observable } from "@/store/observable";
import { type Addressee, MeetingChat } from "./meeting-chat";
import { Reactions } from "./reactions";

export type PanelName = "chat" | "people" | "statistics";

export class Panels {
  readonly session: MediaSession;
  /** One at a time. */
  readonly shown = new Observable<PanelName | null>(null);
  /** The overview of keys. */
  readonly help = new Observable(false);
  readonly reactions = new Reactions();
  readonly mutedSpeech: MutedSpeech;
  /** Null until one has joined, and where the server has none. */
  readonly chat = new Observable<MeetingChat | null>(null);
  /** One's hand has been lowered by somebody else: counts up. */
  readonly handLowered = new Observable(0);
  #wantsHand = false;
  #closeChat: (() => void) | undefined;

  constructor(session: MediaSession) {
    this.session = session;
    this.mutedSpeech = new MutedSpeech(session.local);
  }

  /** Until the function that is returned is called. */
  start(): () => void {
    this.#openChat();
    const stops = [
      this.session.state.subscribe(() => this.#openChat()),
      () => this.#closeChat?.(),
      this.mutedSpeech.watch(),
      this.session.events.on("reaction", ({ participant_id, emoji }) =>
        this.reactions.show(participant_id, emoji),
      ),
      this.session.events.on("hand", ({ participant_id, hand }) => {
        if (participant_id === this.session.state.get().selfId) this.#handIs(hand !== null);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
      this.chat.set(null);
      this.reactions.clear();
    };
  }

  #openChat(): void {
    const { conversationId } = this.session.state.get();
    if (conversationId === null || this.chat.get()) return;
    const { user_id: userId = null, guest_id: guestId = null } =
      this.session.link.socket.welcome ?? {};
    const chat = new MeetingChat(conversationId, this.session, { userId, guestId });
    this.#closeChat = chat.open();
    this.chat.set(chat);
  }

  toggleHand(): Promise<unknown> {
    this.#wantsHand = this.session.state.get().hand === null;
    return this.session.request("raise_hand", { raised: this.#wantsHand });
  }

  #handIs(raised: boolean): void {
    if (!raised && this.#wantsHand) this.handLowered.update((times) => times + 1);
    this.#wantsHand = raised;
  }

  /** Opens the chat for what only that person shall see. */
  writeTo({ id, name }: Addressee): void {
    this.chat.get()?.addressee.set({ id, name });
    this.shown.set("chat");
  }

  toggle(name: PanelName): void {
    if (name === "chat" && !this.chat.get()) return;
    this.shown.update((shown) => (shown === name ? null : name));
  }

  close(): void {
    this.shown.set(null);
  }
}
