/**
 * What is said in a meeting: its conversation, and beside it what one person says to another alone,
 * which is kept nowhere but here.
 */
import { Conversation, type ConversationPort } from "@/chat/conversation";
import { SignalingError } from "@/signaling/errors";
import type { NoticeOf } from "@/signaling/notices";
import { Observable } from "@/store/observable";

/** Somebody in the meeting. */
export interface Addressee {
  id: string;
  name: string;
}

/** Oneself: one of the two is null. */
interface Person {
  userId: number | null;
  guestId: number | null;
}

/** What was said in private, by oneself or to oneself. */
export interface PrivateNote {
  key: number;
  own: boolean;
  /** The other of the two. */
  other: Addressee;
  content: string;
  time: string;
  /** It did not arrive. */
  failed: boolean;
}

/** What another has said. */
export interface Heard {
  name: string;
  content: string;
  /** To oneself alone. */
  alone: boolean;
}

/** For so long it is shown where the chat is closed, ms. */
const SHOWN = 5_000;
/** As much as anybody reads again. */
const MOST = 300;

export class MeetingChat {
  readonly conversation: Conversation;
  readonly notes = new Observable<readonly PrivateNote[]>([]);
  /** Null: everybody. It stays when somebody leaves: what was meant for one is never said to all. */
  readonly addressee = new Observable<Addressee | null>(null);
  /** Of both kinds, what one has not seen. */
  readonly unread = new Observable(0);
  /** What was said last, for a moment, while one does not look. */
  readonly latest = new Observable<Heard | null>(null);
  readonly #port: ConversationPort;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #count = 0;
  #unseen = 0;
  #looking = false;

  constructor(conversationId: number, port: ConversationPort, person: Person) {
    this.#port = port;
    this.conversation = new Conversation(conversationId, port, person);
  }

  /** Listens until the function that is returned is called. */
  open(): () => void {
    const stops = [
      this.conversation.open(),
      this.conversation.state.subscribe(() => this.#sum()),
      this.#port.events.on("private_message", (notice) => this.#heardAlone(notice)),
      this.#port.events.on("message", (notice) => this.#heard(notice)),
    ];
    return () => {
      for (const stop of stops) stop();
      clearTimeout(this.#timer);
    };
  }

  /** Whether the chat is on the screen. */
  look(looking: boolean): void {
    this.#looking = looking;
    if (looking) {
      this.#unseen = 0;
      this.latest.set(null);
    }
    this.#sum();
  }

  /** To whom it is addressed. */
  send(content: string): void {
    const addressee = this.addressee.get();
    if (addressee) void this.#sendTo(addressee, content);
    else this.conversation.send(content);
  }

  /** What did not arrive. */
  retry(note: PrivateNote): void {
    this.discard(note);
    void this.#sendTo(note.other, note.content);
  }

  discard({ key }: PrivateNote): void {
    this.notes.update((notes) => notes.filter((note) => note.key !== key));
  }

  async #sendTo(other: Addressee, content: string): Promise<void> {
    try {
      await this.#port.request("private_message", { participant_id: other.id, content });
    } catch (error) {
      if (!(error instanceof SignalingError)) throw error;
      this.#add({ own: true, other, content, time: new Date().toISOString(), failed: true });
    }
  }

  #heard({ message }: NoticeOf<"message">): void {
    const { conversation_id, author, content, seq, revision } = message;
    const fresh = conversation_id === this.conversation.id && seq === revision;
    if (!fresh || content === null || this.conversation.isOwn(author)) return;
    this.#show({ name: author.name, content, alone: false });
  }

  #show(heard: Heard): void {
    if (this.#looking) return;
    this.latest.set(heard);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.latest.set(null), SHOWN);
  }

  #heardAlone({ sender, recipient, own, content, sent_at }: NoticeOf<"private_message">): void {
    const { participant_id, name } = own ? recipient : sender;
    if (own) this.#arrived(participant_id, content);
    this.#add({
      own,
      other: { id: participant_id, name },
      content,
      time: sent_at,
      failed: false,
    });
    if (own || this.#looking) return;
    this.#show({ name, content, alone: true });
    this.#unseen += 1;
    this.#sum();
  }

  /** After all: the answer was lost with the connection. */
  #arrived(id: string, content: string): void {
    const late = this.notes
      .get()
      .find((note) => note.failed && note.other.id === id && note.content === content);
    if (late) this.discard(late);
  }

  #add(note: Omit<PrivateNote, "key">): void {
    this.#count += 1;
    const key = this.#count;
    this.notes.update((notes) => [...notes, { key, ...note }].slice(-MOST));
  }

  #sum(): void {
    this.unread.set(this.conversation.state.get().unread + this.#unseen);
  }
}
