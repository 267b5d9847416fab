import type { LocalMedia } from "./local";

/** The microphone is on while a key is held. */
export class PushToTalk {
  readonly #local: LocalMedia;
  #talking = false;

  constructor(local: LocalMedia) {
    this.#local = local;
  }

  press(): void {
    if (this.#talking || this.#local.state.get().microphone.on) return;
    this.#talking = true;
    void this.#local.turn("microphone", true);
  }

  release(): void {
    if (!this.#talking) return;
    this.#talking = false;
    void this.#local.turn("microphone", false);
  }
}
