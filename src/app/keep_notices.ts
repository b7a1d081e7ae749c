import type { ChannelConfig } from "../config/mod.ts";
import type { Notifier, NotifierOptions } from "../notify/mod.ts";

/** Who is told, if anybody is to be told: without a channel the code for it is not even loaded. */
export class Notices {
  readonly #options: NotifierOptions;
  #notifier: Promise<Notifier> | undefined;
  #channels: readonly ChannelConfig[] = [];

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Continues with these channels. */
  async adopt(channels: readonly ChannelConfig[]): Promise<void> {
    this.#channels = channels;
    if (this.#notifier === undefined && channels.length === 0) return;
    this.#notifier ??= newNotifier(this.#options);
    (await this.#notifier).adopt(this.#channels);
  }

  /** Tells what is still to tell, for at most about `milliseconds`. */
  async end(milliseconds: number): Promise<void> {
    await (await this.#notifier)?.end(milliseconds);
  }
}

async function newNotifier(options: NotifierOptions): Promise<Notifier> {
  const { Notifier } = await import("../notify/mod.ts");
  return new Notifier(options);
}
