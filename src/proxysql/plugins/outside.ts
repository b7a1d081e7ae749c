import type { QuickJSContext, QuickJSDeferredPromise, QuickJSHandle } from "quickjs-emscripten-core";

/** How much a plugin may have under way at once. */
const MOST_REQUESTS = 8;
const MOST_SLEEPS = 100;

/** The longest body that is sent, and the longest that is read, in bytes. */
const MOST_SENT = 2 ** 18;
const MOST_READ = 2 ** 20;

const METHODS = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE)$/;

interface Asked {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** What is under way for one call of a plugin. */
class Turn {
  readonly over = new AbortController();
  readonly waiting = new Set<QuickJSDeferredPromise>();
  requests = 0;
  sleeps = 0;
}

/** What a plugin can reach outside of its sandbox: time, and hosts that it may make requests to. */
export class Outside {
  /** Functions of the sandbox. */
  readonly sleep: QuickJSHandle;
  readonly request: QuickJSHandle;
  readonly #context: QuickJSContext;
  readonly #net: ReadonlySet<string>;
  #turn = new Turn();
  #wake: () => void = () => {};

  constructor(context: QuickJSContext, net: readonly string[]) {
    this.#context = context;
    this.#net = new Set(net.map((place) => place.toLowerCase()));
    this.sleep = context.newFunction("sleep", (milliseconds) => {
      const [turn, time] = [this.#turn, context.getNumber(milliseconds)];
      if (turn.sleeps >= MOST_SLEEPS) throw new Error(`more than ${MOST_SLEEPS} timers`);
      turn.sleeps++;
      return this.#promise(turn, () => elapse(time, turn.over.signal).finally(() => turn.sleeps--));
    });
    this.request = context.newFunction("request", (json) => {
      const [turn, asked] = [this.#turn, JSON.parse(context.getString(json)) as Asked];
      if (turn.requests >= MOST_REQUESTS) throw new Error(`more than ${MOST_REQUESTS} requests at once`);
      turn.requests++;
      return this.#promise(turn, () => this.#fetch(asked, turn.over.signal).finally(() => turn.requests--));
    });
  }

  /** Nothing is under way. */
  get isIdle(): boolean {
    return this.#turn.requests === 0 && this.#turn.sleeps === 0;
  }

  /** Waits until something is done, or the time is over. */
  async next(due: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, due - performance.now()) + 1);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Waits for requests whose answers nobody waits for, until the time is over. */
  async finish(run: () => void, due: number): Promise<void> {
    while (this.#turn.requests > 0 && performance.now() <= due) {
      await this.next(due);
      run();
    }
  }

  /** What is under way is given up: a plugin does nothing between calls. */
  forget(): void {
    const { over, waiting } = this.#turn;
    this.#turn = new Turn();
    over.abort();
    for (const deferred of waiting) deferred.dispose();
  }

  /** A promise of the sandbox for a text. */
  #promise({ over: { signal }, waiting }: Turn, work: () => Promise<string>): QuickJSHandle {
    const context = this.#context;
    const deferred = context.newPromise();
    waiting.add(deferred);
    const settle = (how: "resolve" | "reject", make: () => QuickJSHandle) => {
      if (signal.aborted) return;
      make().consume((value) => deferred[how](value));
      waiting.delete(deferred);
      this.#wake();
    };
    work().then(
      (text) => settle("resolve", () => context.newString(text)),
      (error: Error) => settle("reject", () => context.newError(error.message)),
    );
    return deferred.handle;
  }

  async #fetch({ url, method, headers, body }: Asked, signal: AbortSignal): Promise<string> {
    if (!URL.canParse(url)) throw new TypeError("this is no address");
    const place = placeOf(new URL(url));
    // Deno refuses it too, also where a redirect leads elsewhere.
    if (!this.#net.has(place)) throw new TypeError(`no permission to connect to ${place}`);
    if (!METHODS.test(method)) throw new TypeError("no method of a request");
    if (body.length > MOST_SENT) throw new TypeError(`a body is longer than ${MOST_SENT} bytes`);
    const init = { method, headers: headers.map(([name, value]): [string, string] => [name, value]), signal };
    const response = await fetch(url, { ...init, ...body !== "" && { body } });
    return JSON.stringify({
      status: response.status,
      headers: [...response.headers],
      body: await textOf(response),
    });
  }
}

async function elapse(milliseconds: number, signal: AbortSignal): Promise<string> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds > 0 ? Math.min(milliseconds, 2 ** 31 - 1) : 0);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  });
  return "";
}

/** The host and port of an address, as a configuration writes them; the scheme alone where it is not HTTP. */
function placeOf({ protocol, hostname, port }: URL): string {
  const preset = protocol === "https:" ? "443" : protocol === "http:" ? "80" : undefined;
  return preset === undefined ? protocol : `${hostname}:${port || preset}`;
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > MOST_READ) throw new TypeError(`the answer is longer than ${MOST_READ} bytes`);
    parts.push(part);
  }
  return new TextDecoder().decode(await new Blob(parts as BlobPart[]).arrayBuffer());
}
