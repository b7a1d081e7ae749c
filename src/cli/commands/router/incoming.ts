import type { IncomingMessage, ServerResponse } from "node:http";
import type { Deadlines } from "../../../http/server/deadlines.ts";
import type { Limits } from "../../../http/server/limits.ts";
import { NO_END, readBody } from "../../../http/server/read_body.ts";
import { clientGone, type HttpRequest, RouterProblem, tooLarge } from "../../../shards/mod.ts";

/** A request as Node has it. */
export class Incoming implements HttpRequest {
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #limits: Limits;
  readonly #deadlines: Deadlines;
  readonly #gone = new AbortController();
  readonly #hasBody: boolean;
  #wasAsked = false;
  #wasTooSlow = false;
  #wasRead = false;
  readonly method: string;
  readonly path: string;

  constructor(
    incoming: IncomingMessage,
    { outgoing, limits, deadlines }: {
      readonly outgoing: ServerResponse;
      readonly limits: Limits;
      readonly deadlines: Deadlines;
    },
  ) {
    const { method = "GET", url = "/", headers } = incoming;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#limits = limits;
    this.#deadlines = deadlines;
    [this.method, this.path] = [method, pathOf(url)];
    // Deno 2.4 would wait for the end of none for ever.
    const { "content-length": length = "0", "transfer-encoding": coding } = headers;
    this.#hasBody = coding !== undefined || Number(length) !== 0;
    outgoing.on("close", () => outgoing.writableFinished || this.#gone.abort());
  }

  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  header(name: string): string | undefined {
    const value = this.#incoming.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  /** Whether what comes next by the same connection may be the rest of this request. */
  get isLast(): boolean {
    if (!this.#hasBody) return false;
    const { complete, headers } = this.#incoming;
    // Deno 2.4 does not say of chunks that a length was told too.
    const isUnsure = complete === undefined && headers["transfer-encoding"] !== undefined;
    return isUnsure || !(this.#wasRead || complete);
  }

  /** Whether the client is to be waited for. */
  get hasRest(): boolean {
    return !this.#wasRead && !this.#wasTooSlow && (this.#wasAsked || this.header("expect") === undefined);
  }

  async whole(): Promise<Uint8Array> {
    if (!this.#hasBody) return new Uint8Array();
    this.#wasAsked = true;
    // Who asks first whether to send it is told now: it may come.
    if (this.header("expect") !== undefined) this.#outgoing.writeContinue();
    const read = await readBody(this.#incoming, this.#limits, this.#deadlines);
    if (read === NO_END) throw clientGone();
    this.#wasRead = read instanceof Uint8Array;
    if (read instanceof Uint8Array) return read;
    this.#wasTooSlow = read.status === 408;
    throw this.#wasTooSlow ? new RouterProblem("bad_request", read.error) : tooLarge();
  }
}

/** A proxy may send the whole address. */
function pathOf(url: string): string {
  const path = url.startsWith("/") ? url : URL.parse(url)?.pathname ?? url;
  const end = path.indexOf("?");
  return end < 0 ? path : path.slice(0, end);
}
