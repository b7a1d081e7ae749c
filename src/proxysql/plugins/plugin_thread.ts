import type { Clock } from "../../clock.ts";
import type { PluginConfig } from "../../config/mod.ts";
import { AnswerError } from "./answer.ts";
import type { Call, FromPlugin, ToPlugin } from "./message.ts";

/** How long a thread may take to begin, in milliseconds: the engine's own time, on a busy machine too. */
const BEGINNING = 10_000;

interface ThreadOptions {
  readonly clock: Pick<Clock, "sleep">;
  /** It has failed while nothing was asked of it. */
  onFailure(reason: string): void;
}

interface Asked {
  resolve(json: string): void;
  reject(error: Error): void;
}

/** The thread of a plugin: one question at a time, each with a deadline. Whoever gets an error has to end it. */
export class PluginThread {
  readonly #worker: Worker;
  readonly #config: PluginConfig;
  readonly #options: ThreadOptions;
  readonly #stop = new SharedArrayBuffer(1);
  #asked: Asked | undefined;
  #id = 0;

  constructor(config: PluginConfig, options: ThreadOptions) {
    this.#config = config;
    this.#options = options;
    this.#worker = new Worker(workerUrl(), {
      type: "module",
      name: "plugin",
      deno: { permissions: { ...NOTHING, net: config.net.length > 0 && [...config.net] } },
    } as WorkerOptions);
    this.#worker.onmessage = ({ data }: MessageEvent<FromPlugin>) => this.#take(data);
    this.#worker.onmessageerror = () => this.#failed("its answer cannot be read");
    this.#worker.onerror = (event) => {
      // Otherwise it ends the program.
      event.preventDefault();
      this.#failed(event.message);
    };
  }

  /** Returns what the plugin exports, as JSON. @throws {AnswerError} */
  async load({ name, source }: { readonly name: string; readonly source: string }): Promise<string> {
    const { net, timeout } = this.#config;
    const message: ToPlugin = { kind: "load", name, source, net, timeout, stop: this.#stop };
    return await this.#ask(message, BEGINNING + timeout);
  }

  /** Returns the answer, as JSON. @throws {AnswerError} */
  async call(call: Call, json: string): Promise<string> {
    return await this.#ask({ kind: "call", id: ++this.#id, call, json }, this.#config.timeout);
  }

  end(): void {
    Atomics.store(new Uint8Array(this.#stop), 0, 1);
    this.#worker.terminate();
    this.#asked?.reject(new AnswerError("it was ended"));
    this.#asked = undefined;
  }

  async #ask(message: ToPlugin, timeout: number): Promise<string> {
    const over = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#asked = { resolve, reject };
    void this.#options.clock.sleep(timeout, over.signal).then(() => {
      if (!over.signal.aborted) reject(new AnswerError(`there is no answer within ${timeout} ms`));
    });
    try {
      this.#worker.postMessage(message);
      return await promise;
    } finally {
      this.#asked = undefined;
      over.abort();
    }
  }

  #take(message: FromPlugin): void {
    const isAsked = message.kind === "loaded"
      ? this.#id === 0
      : message.kind !== "answer" || message.id === this.#id;
    if (message.kind === "failed") this.#failed(message.reason);
    else if (isAsked && this.#asked !== undefined) this.#asked.resolve(message.json);
    else this.#failed("it answers what nobody asked");
  }

  #failed(reason: string): void {
    if (this.#asked === undefined) this.#options.onFailure(reason);
    else this.#asked.reject(new AnswerError(reason));
  }
}

/** Without these a worker has what the program has. */
const NOTHING = { read: false, write: false, env: false, run: false, ffi: false, sys: false, import: false };

/** In a bundle this file is in a part beside the program, and the worker keeps its place. */
function workerUrl(): URL {
  const here = import.meta.url;
  return new URL(
    here.endsWith(".ts") ? "./plugin_worker.ts" : "./src/proxysql/plugins/plugin_worker.js",
    here,
  );
}
