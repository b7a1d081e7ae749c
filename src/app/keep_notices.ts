import type { ChannelConfig } from "../config/mod.ts";
import type { Notifier, NotifierOptions, NotifyingDatabase } from "../notify/mod.ts";

/** Who is told, if anybody is to be told: without a channel the code for it is not even loaded. */
export class Notices {
  readonly #options: NotifierOptions;
  #notifier: Promise<Notifier> | undefined;
  #channels: readonly ChannelConfig[] = [];
  #databases: readonly NotifyingDatabase[] = [];

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Continues with these channels, and the policies of these databases. */
  async adopt(channels: readonly ChannelConfig[], databases: readonly NotifyingDatabase[]): Promise<void> {
    this.#channels = channels;
    this.#databases = databases;
    if (this.#notifier === undefined && channels.length === 0) return;
    this.#notifier ??= newNotifier(this.#options);
    (await this.#notifier).adopt(this.#channels, this.#databases);
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
