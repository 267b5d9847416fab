/**
 * One conversation as one device knows it: what was said, in order and each message once, what is on
 * its way, who types, and up to where one has read. It runs over any connection to `/ws`.
 *
 * What is heard of is kept by id and taken over only when its revision is higher. Revisions have no
 * gaps, so one that is not the next tells that something was missed, and the server is asked for it.
 */
import { newKey } from "@/api/requests";
import { SignalingError } from "@/signaling/errors";
import type { Notice, RequestBody, RequestType, Result } from "@/signaling/messages";
import { Observable } from "@/store/observable";
import { Outbox, type Outgoing } from "./outbox";
import { Typists } from "./typists";

type NoticeOf<T extends Notice["type"]> = Extract<Notice, { type: T }>;
export type Message = NoticeOf<"message">["message"];
export type Author = Message["author"];

/** The connection: `live` is one, with itself as `events`. */
export interface ConversationPort {
  request<T extends RequestType>(type: T, fields: RequestBody<T>): Promise<Result<T>>;
  events: {
    on<T extends Notice["type"]>(type: T, listener: (notice: NoticeOf<T>) => void): () => void;
    /** Called when something may have been missed. */
    onAnew(listener: () => void): () => void;
  };
}

export interface ConversationState {
  /** `gone`: one takes part in it no longer. */
  phase: "loading" | "ready" | "failed" | "gone";
  /** By `seq`; the deleted ones stay, without content. */
  messages: readonly Message[];
  /** What is not stored yet, in the order it was written. */
  outgoing: readonly Outgoing[];
  /** There are earlier ones. */
  more: boolean;
  older: "idle" | "loading" | "failed";
  typing: readonly string[];
  /** Up to this `seq` everything is read. */
  readSeq: number;
  /** What others said after that, as far as it is known here. */
  unread: number;
  /** Messages after this `seq` are marked as new; null: no mark. */
  newAfter: number | null;
}

interface Options {
  /** Null: a guest. */
  userId: number | null;
  guestId?: number | null;
  /** Left out: what was said before is taken for read. */
  readSeq?: number;
}

const PAGE = 50;
/** Of what was missed, as much as the server gives at once. */
const MISSED_PAGE = 100;
/** ms until what was missed is asked for again. */
const PAUSE = 2_000;

const EMPTY: ConversationState = {
  phase: "loading",
  messages: [],
  outgoing: [],
  more: false,
  older: "idle",
  typing: [],
  readSeq: 0,
  unread: 0,
  newAfter: null,
};

export class Conversation {
  readonly id: number;
  readonly state: Observable<ConversationState>;
  /** What is written and not sent: it stays when one looks at something else meanwhile. */
  draft = "";
  readonly #port: ConversationPort;
  readonly #outbox: Outbox<Result<"send_message">>;
  readonly #typists: Typists;
  readonly #userId: number | null;
  readonly #guestId: number | null;
  readonly #known = new Map<number, Message>();
  /** Messages from here on are shown; earlier ones may have been heard of, with gaps between. */
  #floor = Number.POSITIVE_INFINITY;
  /** Everything up to this revision has been seen. */
  #seen = 0;
  /** The highest revision that was told of. */
  #heard = 0;
  #asking = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #readKnown: boolean;
  #attentive = false;
  /** The `seq` that the server was last told. */
  #told = 0;
  #openings = 0;
  #stops: (() => void)[] = [];

  constructor(id: number, port: ConversationPort, { userId, guestId = null, readSeq }: Options) {
    this.id = id;
    this.#port = port;
    this.#userId = userId;
    this.#guestId = guestId;
    this.#readKnown = readSeq !== undefined;
    this.#told = readSeq ?? 0;
    this.state = new Observable({ ...EMPTY, readSeq: readSeq ?? 0 });
    this.#outbox = new Outbox(
      (content, client_key) =>
        port.request("send_message", { conversation_id: id, content, client_key }),
      (outgoing) => this.state.patch({ outgoing }),
      ({ message }) => this.#take(message),
    );
    this.#typists = new Typists((typing) => this.state.patch({ typing }));
  }

  /** Listens, and loads what was said last; until the function that is returned is called. */
  open(): () => void {
    this.#openings += 1;
    if (this.#openings === 1) this.#listen();
    let open = true;
    return () => {
      if (open) this.#openings -= 1;
      if (open && this.#openings === 0) this.#rest();
      open = false;
    };
  }

  isOwn({ user_id, guest_id }: Author): boolean {
    return user_id === null
      ? guest_id !== null && guest_id === this.#guestId
      : user_id === this.#userId;
  }

  /** Tries again after `failed`. */
  reload(): void {
    this.state.patch({ phase: "loading" });
    void this.#follow();
  }

  async loadOlder(): Promise<void> {
    const { phase, more, older } = this.state.get();
    if (phase !== "ready" || !more || older === "loading") return;
    this.state.patch({ older: "loading" });
    try {
      const page = await this.#history({ before: this.#floor, limit: PAGE });
      this.#takePage(page);
      this.state.patch({ older: "idle" });
    } catch {
      this.state.patch({ older: "failed" });
    }
  }

  send(content: string): void {
    this.#typists.silent();
    this.state.patch({ newAfter: null });
    this.#outbox.add({ key: newKey(), content });
  }

  retrySending(key: string): void {
    this.#outbox.retry(key);
  }

  /** What could not be sent is given up. */
  discard(key: string): void {
    this.#outbox.remove(key);
  }

  async edit(message_id: number, content: string): Promise<void> {
    const fields = { conversation_id: this.id, message_id, content };
    this.#take((await this.#port.request("edit_message", fields)).message);
  }

  async remove(message_id: number): Promise<void> {
    const fields = { conversation_id: this.id, message_id };
    this.#take((await this.#port.request("delete_message", fields)).message);
  }

  /** To be called with each key; the server is told now and then. */
  type(): void {
    const say = () => this.#port.request("typing", { conversation_id: this.id });
    this.#typists.type(() => void say().catch(() => undefined));
  }

  /** While somebody looks at the end of it, what comes is read. */
  attend(attentive: boolean): void {
    this.#attentive = attentive;
    if (attentive) this.#read();
  }

  #listen(): void {
    const { events } = this.#port;
    this.#stops = [
      events.on("message", ({ message }) => this.#tellOf(message)),
      events.on("typing", ({ conversation_id, author }) => {
        if (conversation_id === this.id && !this.isOwn(author)) this.#typists.heard(author.name);
      }),
      events.on("read", ({ conversation_id, seq }) => {
        if (conversation_id === this.id) this.#readElsewhere(seq);
      }),
      events.on("conversation", ({ conversation_id, change }) => {
        if (conversation_id !== this.id) return;
        if (change === "removed") this.state.patch({ phase: "gone" });
        if (change === "added" && this.state.get().phase === "gone") this.reload();
      }),
      events.onAnew(() => {
        this.#outbox.retryAll();
        void this.#follow();
      }),
    ];
    void this.#follow();
  }

  #rest(): void {
    for (const stop of this.#stops) stop();
    clearTimeout(this.#retry);
    this.#typists.clear();
    this.#attentive = false;
    this.state.patch({ newAfter: null });
  }

  /** Loads the end, or what was missed since, until nothing is missing. */
  async #follow(): Promise<void> {
    if (this.#asking || this.state.get().phase === "gone") return;
    clearTimeout(this.#retry);
    this.#asking = true;
    try {
      if (this.#floor === Number.POSITIVE_INFINITY) await this.#loadEnd();
      else await this.#loadMissed();
      while (this.#heard > this.#seen) await this.#loadMissed();
      this.state.patch({ phase: "ready" });
      if (this.#attentive) this.#read();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#asking = false;
    }
  }

  async #loadEnd(): Promise<void> {
    const page = await this.#history({ limit: PAGE });
    this.#seen = Math.max(0, ...page.messages.map(({ revision }) => revision));
    if (!this.#readKnown) this.#takeForRead(page.messages);
    this.#takePage(page);
    const { unread, readSeq } = this.state.get();
    this.state.patch({ phase: "ready", newAfter: unread > 0 ? readSeq : null });
  }

  async #loadMissed(): Promise<void> {
    const heard = this.#heard;
    for (let more = true; more; ) {
      const page = await this.#history({ changed_after: this.#seen, limit: MISSED_PAGE });
      for (const message of page.messages) {
        this.#take(message);
        this.#seen = Math.max(this.#seen, message.revision);
      }
      more = page.more;
    }
    this.#seen = Math.max(this.#seen, heard);
  }

  #failed(error: unknown): void {
    const { phase } = this.state.get();
    const code = error instanceof SignalingError ? error.code : null;
    if (code === "not_found" || code === "forbidden") this.state.patch({ phase: "gone" });
    else if (phase === "loading") this.state.patch({ phase: "failed" });
    if (this.#openings > 0) this.#retry = setTimeout(() => void this.#follow(), PAUSE);
  }

  #history(fields: Omit<RequestBody<"history">, "conversation_id">): Promise<Result<"history">> {
    return this.#port.request("history", { conversation_id: this.id, ...fields });
  }

  #takePage({ messages, more }: Result<"history">): void {
    this.#floor = Math.min(this.#floor, ...messages.map(({ seq }) => seq));
    if (!more) this.#floor = 0;
    for (const message of messages) this.#keep(message);
    this.state.patch({ more });
    this.#show();
  }

  #takeForRead(messages: readonly Message[]): void {
    this.#readKnown = true;
    this.state.patch({ readSeq: Math.max(0, ...messages.map(({ seq }) => seq)) });
  }

  #tellOf(message: Message): void {
    if (message.conversation_id !== this.id) return;
    this.#heard = Math.max(this.#heard, message.revision);
    this.#typists.stopped(message.author.name);
    this.#take(message);
    if (message.revision === this.#seen + 1) this.#seen = message.revision;
    else if (message.revision > this.#seen) void this.#follow();
  }

  #take(message: Message): void {
    if (message.client_key) this.#outbox.remove(message.client_key);
    if (this.#keep(message)) this.#show();
  }

  /** Whether it was news. */
  #keep(message: Message): boolean {
    if (message.revision <= (this.#known.get(message.id)?.revision ?? 0)) return false;
    this.#known.set(message.id, message);
    return true;
  }

  #show(): void {
    const shown = [...this.#known.values()].filter(({ seq }) => seq >= this.#floor);
    const messages = shown.sort((one, other) => one.seq - other.seq);
    const { readSeq, newAfter, unread: before } = this.state.get();
    const unread = this.#unread(messages, readSeq);
    const begins = unread > 0 && before === 0 && !this.#attentive;
    this.state.patch({ messages, unread, newAfter: begins ? readSeq : newAfter });
    if (this.#attentive) this.#read();
  }

  #unread(messages: readonly Message[], readSeq: number): number {
    return messages.filter(
      ({ seq, author, content }) => seq > readSeq && content !== null && !this.isOwn(author),
    ).length;
  }

  #read(): void {
    const { messages, phase } = this.state.get();
    const seq = messages.at(-1)?.seq ?? 0;
    if (seq <= this.#told || phase !== "ready") return;
    this.#told = seq;
    this.#readUpTo(seq);
    if (this.#userId === null) return; // guests have no marks
    this.#port.request("mark_read", { conversation_id: this.id, seq }).catch(() => {
      this.#told = 0;
    });
  }

  #readElsewhere(seq: number): void {
    this.#told = Math.max(this.#told, seq);
    this.#readUpTo(seq);
  }

  #readUpTo(seq: number): void {
    const { messages, readSeq } = this.state.get();
    if (seq <= readSeq) return;
    this.state.patch({ readSeq: seq, unread: this.#unread(messages, seq) });
  }
}
