import type { ClientRequest, ServerMessage } from "@/signaling/messages";

/** The server's end of a WebSocket: what came, and ways to answer. */
export class FakeSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly url: string;
  readonly received: ClientRequest[] = [];
  closed = false;

  constructor(url: string) {
    this.url = url;
  }

  send(text: string): void {
    this.received.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  accept(): void {
    this.onopen?.();
  }

  tell(message: ServerMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** The connection breaks. */
  cut(): void {
    this.onclose?.();
  }

  /** The latest request of this type that came. */
  request<T extends ClientRequest["type"]>(type: T): Extract<ClientRequest, { type: T }> {
    const found = this.received.findLast((request) => request.type === type);
    if (!found) throw new Error(`no ${type} among ${this.types.join(", ")}`);
    return found as Extract<ClientRequest, { type: T }>;
  }

  get types(): string[] {
    return this.received.map((request) => request.type);
  }

  async reply(type: ClientRequest["type"], result: object = {}): Promise<void> {
    this.tell({ type: "reply", id: this.request(type).id, result: { ...result } });
    await settle();
  }

  async refuse(type: ClientRequest["type"], code: "forbidden" | "bad_token" | "already_joined") {
    const error = { code, message: code, field: null };
    this.tell({ type: "error", id: this.request(type).id, error });
    await settle();
  }

  async welcome(fields: { resumed?: boolean; secret?: string } = {}): Promise<void> {
    await this.reply("authenticate", {
      session_id: "session",
      secret: "secret-0123456789",
      resumed: false,
      grace: 30,
      heartbeat: 15,
      name: "Ana",
      user_id: 1,
      guest_id: null,
      guest: false,
      ...fields,
    });
  }
}

/** All connections made, oldest first. */
export class FakeNetwork {
  readonly sockets: FakeSocket[] = [];

  readonly createSocket = (url: string): WebSocket => {
    const socket = new FakeSocket(url);
    this.sockets.push(socket);
    return socket as unknown as WebSocket;
  };

  get latest(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("nobody has connected");
    return socket;
  }
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}
