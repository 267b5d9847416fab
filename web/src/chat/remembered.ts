/** The conversations one has looked at: what was loaded and what was not sent yet stay. */
import { Conversation, type ConversationPort } from "./conversation";

const MOST = 20;

export class RememberedConversations {
  readonly #port: ConversationPort;
  #userId: number | null = null;
  /** The one looked at last comes last. */
  readonly #known = new Map<number, Conversation>();

  constructor(port: ConversationPort) {
    this.#port = port;
  }

  /** Somebody else's are forgotten. */
  find(id: number, userId: number, readSeq: number): Conversation {
    if (userId !== this.#userId) this.#known.clear();
    this.#userId = userId;
    const conversation =
      this.#known.get(id) ?? new Conversation(id, this.#port, { userId, readSeq });
    this.#known.delete(id);
    this.#known.set(id, conversation);
    for (const [other, { draft, state }] of this.#known) {
      if (this.#known.size <= MOST) break;
      if (!draft && state.get().outgoing.length === 0) this.#known.delete(other);
    }
    return conversation;
  }
}
