import { basename } from "node:path";
import type { Clock } from "../../clock.ts";
import type { PluginConfig } from "../../config/mod.ts";
import { printable } from "../../text/control.ts";
import { shortened } from "../../text/nearest.ts";
import { ioReason } from "../../yaml/mod.ts";
import { AnswerError, type Exported, readExported } from "./answer.ts";
import type { Call } from "./message.ts";
import { PluginThread } from "./plugin_thread.ts";

/** The longest wait before a plugin is started again, and the first one, in milliseconds. */
const LONGEST_WAIT = 5 * 60_000;
const FIRST_WAIT = 1000;

/** A plugin that did well for as long is trusted as at first, in milliseconds. */
const DOES_WELL = 10 * 60_000;

/** The largest module, in bytes. */
const MOST_SOURCE = 2 ** 20;

/** What became of a plugin, told once per change. */
export interface PluginChange {
  readonly plugin: string;
  readonly state: "started" | "failed" | "stopped";
  readonly reason?: string;
}

export interface PluginOptions {
  readonly clock: Pick<Clock, "now" | "sleep">;
  tell(change: PluginChange): void;
  /** Why what it exports cannot be used; undefined where it can. Called whenever it was loaded. */
  accept(exported: Exported): Promise<string | undefined>;
}

/**
 * A plugin in a thread of its own. Whatever it does wrong, it is ended and started again later; in between it is not
 * called. One call is made at a time.
 */
export class Plugin implements AsyncDisposable {
  readonly name: string;
  readonly #config: PluginConfig;
  readonly #options: PluginOptions;
  readonly #over = new AbortController();
  #thread: PluginThread | undefined;
  #exported: Exported | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #failures = 0;
  #since = 0;
  #told: PluginChange["state"] | undefined;
  #restart: Promise<void> = Promise.resolve();

  constructor(config: PluginConfig, options: PluginOptions) {
    this.name = basename(config.file).replace(/\.m?js$/, "");
    this.#config = config;
    this.#options = options;
  }

  get config(): PluginConfig {
    return this.#config;
  }

  /** Loads it. Where that fails it is tried again later. */
  async start(): Promise<void> {
    const { clock, accept } = this.#options;
    let thread: PluginThread | undefined;
    try {
      const source = await sourceOf(this.#config.file);
      if (this.#over.signal.aborted) return;
      thread = this.#thread = new PluginThread(this.#config, {
        clock,
        onFailure: (reason) => this.#fail(thread!, reason),
      });
      const exported = readExported(await thread.load({ name: this.name, source }));
      const problem = await accept(exported);
      // It may have failed meanwhile, or was ended.
      if (thread !== this.#thread) return;
      if (problem !== undefined) throw new AnswerError(problem);
      this.#exported = exported;
      this.#since = clock.now();
      if (this.#told === undefined) this.#tell("started");
    } catch (error) {
      this.#fail(thread, (error as Error).message);
    }
  }

  /** Whether it can be called so. */
  can(call: Call): boolean {
    return this.#thread !== undefined && this.#exported?.calls.has(call) === true;
  }

  /**
   * Calls it, after the calls before this one.
   * @param read Takes the answer apart; what it throws is the plugin's fault.
   * @returns Undefined where it cannot be called, or has failed.
   */
  async call<T>(call: Call, json: () => string, read: (json: string) => T): Promise<T | undefined> {
    // What it has not needs no turn.
    if (!this.can(call)) return undefined;
    const turn = this.#turn.then(() => this.#callNow(call, json, read));
    this.#turn = turn;
    return await turn;
  }

  async #callNow<T>(call: Call, json: () => string, read: (json: string) => T): Promise<T | undefined> {
    const thread = this.#thread;
    if (thread === undefined || !this.can(call)) return undefined;
    try {
      const answer = read(await thread.call(call, json()));
      // Whoever failed has to do something well before it counts as started again.
      if (thread === this.#thread && this.#told === "failed") this.#tell("started");
      return answer;
    } catch (error) {
      this.#fail(thread, (error as Error).message);
      return undefined;
    }
  }

  #fail(thread: PluginThread | undefined, reason: string): void {
    if (thread !== this.#thread || this.#over.signal.aborted) return;
    this.#end();
    const { clock } = this.#options;
    if (this.#since > 0 && clock.now() - this.#since >= DOES_WELL) this.#failures = 0;
    const wait = Math.min(FIRST_WAIT * 2 ** this.#failures++, LONGEST_WAIT);
    if (this.#told !== "failed") this.#tell("failed", reason);
    this.#restart = clock.sleep(wait, this.#over.signal).then(() => {
      if (!this.#over.signal.aborted) return this.start();
    });
  }

  #end(): void {
    this.#thread?.end();
    this.#thread = undefined;
    this.#exported = undefined;
  }

  #tell(state: PluginChange["state"], reason?: string): void {
    this.#told = state;
    this.#options.tell({
      plugin: this.name,
      state,
      ...reason !== undefined && { reason: printable(shortened(reason)) },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#end();
    await this.#restart;
    this.#tell("stopped");
  }
}

/** @throws {AnswerError} */
async function sourceOf(file: string): Promise<string> {
  try {
    const { size, isFile } = await Deno.stat(file);
    if (!isFile) throw new AnswerError("it is no file");
    if (size > MOST_SOURCE) throw new AnswerError(`its file is larger than ${MOST_SOURCE} bytes`);
    return new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(file));
  } catch (error) {
    if (error instanceof AnswerError) throw error;
    if (error instanceof TypeError) throw new AnswerError("its file is no text in UTF-8");
    throw new AnswerError(`its file cannot be read: ${ioReason(error)}`);
  }
}
