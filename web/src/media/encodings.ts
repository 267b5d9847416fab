/** Which encodings a sender sends. One change at a time; the latest wish wins. */
export class EncodingSwitch {
  readonly #sender: RTCRtpSender;
  #wanted: readonly string[] | null = null;
  #busy = false;

  constructor(sender: RTCRtpSender) {
    this.#sender = sender;
  }

  /** By rid; null: all. Wishes are made again after a negotiation, which may refuse a change. */
  want(rids: readonly string[] | null): void {
    this.#wanted = rids;
    if (!this.#busy) void this.#run();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    try {
      let applied: readonly string[] | null;
      do {
        applied = this.#wanted;
        await this.#apply(applied);
      } while (applied !== this.#wanted);
    } finally {
      this.#busy = false;
    }
  }

  async #apply(rids: readonly string[] | null): Promise<void> {
    const parameters = this.#sender.getParameters();
    const changes = parameters.encodings.filter(
      (encoding) => (encoding.active ?? true) !== isWanted(encoding, rids),
    );
    if (changes.length === 0) return;
    for (const encoding of changes) encoding.active = isWanted(encoding, rids);
    await this.#sender.setParameters(parameters).catch(ignorePassing);
  }
}

/** A lone encoding has no rid. */
function isWanted({ rid }: RTCRtpEncodingParameters, rids: readonly string[] | null): boolean {
  if (rids === null) return true;
  return rid === undefined ? rids.length > 0 : rids.includes(rid);
}

/** The connection has been closed, or is just being negotiated. */
function ignorePassing(error: unknown): void {
  const passing = ["InvalidStateError", "InvalidModificationError"];
  if (!(error instanceof DOMException && passing.includes(error.name))) throw error;
}
