import variant from "@jitl/quickjs-singlefile-browser-release-sync";
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
} from "quickjs-emscripten-core";
import type { Call } from "./message.ts";
import { PRELUDE } from "./prelude.ts";
import { Outside } from "./outside.ts";

/** What a plugin may take of memory, and of the stack, in bytes. The engine's stack is on top of the thread's own. */
const MEMORY = 64 * 2 ** 20;
const STACK = 128 * 2 ** 10;

/** The engine's own memory, in pages of 64 KiB: what is freed leaves gaps, so that it could grow beyond the limit. */
const FIRST_PAGES = 256;
const MOST_PAGES = 1536;

/** The longest answer, in characters. */
const MOST_TEXT = 4 * 2 ** 20;

/** So many promises settle between two looks at the time. */
const JOBS = 1000;

/** Something that a plugin did wrong; the message is for people, and not yet fit to print. */
class SandboxError extends Error {
  override readonly name = "SandboxError";
}

interface Limits {
  readonly net: readonly string[];
  /** In milliseconds. */
  readonly timeout: number;
  readonly stop: SharedArrayBuffer;
}

/**
 * An interpreter of JavaScript of its own, compiled to WebAssembly, that runs one plugin. A plugin has nothing of the
 * runtime's: what it may do is what it is handed. Its memory is bounded, and it is stopped wherever it is once its time is
 * over or the program ends, in a loop too, which a thread cannot be: Deno 2.9 goes on with one that was told to end. After an error it is of no
 * use any more.
 */
export class Sandbox {
  readonly #context: QuickJSContext;
  readonly #runtime: QuickJSRuntime;
  readonly #outside: Outside;
  readonly #prelude: QuickJSHandle;
  readonly #timeout: number;
  #due = Infinity;
  #plugin: QuickJSHandle | undefined;

  private constructor(context: QuickJSContext, { net, timeout, stop }: Limits) {
    const stopped = new Uint8Array(stop);
    this.#context = context;
    this.#runtime = context.runtime;
    this.#timeout = timeout;
    this.#outside = new Outside(context, net);
    this.#runtime.setMemoryLimit(MEMORY);
    this.#runtime.setMaxStackSize(STACK);
    this.#runtime.setInterruptHandler(() => performance.now() > this.#due || Atomics.load(stopped, 0) !== 0);
    const make = context.unwrapResult(context.evalCode(PRELUDE, "prelude.js"));
    const { sleep, request } = this.#outside;
    this.#prelude = context.unwrapResult(context.callFunction(make, context.undefined, sleep, request));
  }

  static async open(limits: Limits): Promise<Sandbox> {
    const wasmMemory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MOST_PAGES });
    const engine = await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmMemory }));
    return new Sandbox(engine.newContext(), limits);
  }

  /** Runs the plugin's module. Returns what it exports, as JSON. */
  async load({ name, source }: { readonly name: string; readonly source: string }): Promise<string> {
    return await this.#withinTime(async () => {
      const context = this.#context;
      const evaluated = context.evalCode(source, name, { type: "module", strict: true });
      if (evaluated.error) throw this.#failure(evaluated.error);
      this.#plugin = await this.#settled(evaluated.value);
      const exported = context.callMethod(this.#prelude, "exported", [this.#plugin]);
      if (exported.error) throw this.#failure(exported.error);
      return this.#textOf(exported.value);
    });
  }

  /** Calls one of its functions with a value as JSON. Returns what it returned, as JSON. */
  async call(call: Call, json: string): Promise<string> {
    return await this.#withinTime(async () => {
      const context = this.#context;
      const [name, value] = [context.newString(call), context.newString(json)];
      const called = context.callMethod(this.#prelude, "call", [this.#plugin!, name, value]);
      name.dispose();
      value.dispose();
      if (called.error) throw this.#failure(called.error);
      const answer = await this.#settled(called.value);
      const text = this.#textOf(answer);
      answer.dispose();
      if (called.value.alive) called.value.dispose();
      await this.#outside.finish(() => this.#run(), this.#due);
      return text;
    });
  }

  async #withinTime<T>(work: () => Promise<T>): Promise<T> {
    this.#due = performance.now() + this.#timeout;
    try {
      return await work();
    } finally {
      this.#outside.forget();
    }
  }

  /** The value of a promise, or of what is none. */
  async #settled(promise: QuickJSHandle): Promise<QuickJSHandle> {
    for (;;) {
      this.#run();
      const state = this.#context.getPromiseState(promise);
      if (state.type === "fulfilled") return state.value;
      if (state.type === "rejected") throw this.#failure(state.error);
      if (this.#outside.isIdle) throw new SandboxError("it waits for something that never comes");
      await this.#outside.next(this.#due);
      this.#inTime();
    }
  }

  /** Goes on with what has settled. */
  #run(): void {
    while (this.#runtime.hasPendingJob()) {
      const done = this.#runtime.executePendingJobs(JOBS);
      if (done.error) throw this.#failure(done.error);
      this.#inTime();
    }
  }

  #inTime(): void {
    if (performance.now() > this.#due) throw new SandboxError(late(this.#timeout));
  }

  #textOf(handle: QuickJSHandle): string {
    const context = this.#context;
    if (context.typeof(handle) !== "string") throw new SandboxError("it has no value that JSON can hold");
    const length = context.getProp(handle, "length").consume((value) => context.getNumber(value));
    if (length > MOST_TEXT) throw new SandboxError(`its answer is too long: ${length} characters`);
    return context.getString(handle);
  }

  /** What a plugin has thrown, as an error of this program's. */
  #failure(error: QuickJSHandle): SandboxError {
    if (performance.now() > this.#due) return new SandboxError(late(this.#timeout));
    const words = this.#context.callMethod(this.#prelude, "words", [error]);
    if (words.error) return new SandboxError("an error that cannot be shown");
    return new SandboxError(this.#textOf(words.value));
  }
}

/** Why a plugin is ended that does not answer; the time in milliseconds. */
export function late(timeout: number): string {
  return `there is no answer within ${timeout} ms`;
}
