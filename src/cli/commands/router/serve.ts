import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Buffer } from "node:buffer";
import { type HttpRequest, REPLY_HEADERS, type RouterApp, RouterProblem } from "../../../shards/mod.ts";

/** A socket that serves an app. */
export interface Serving {
  /** Such as `127.0.0.1:8080`. */
  readonly address: string;
  /** Takes no more requests, waits for those under way for at most so long, then hangs up. */
  end(milliseconds: number): Promise<void>;
}

/** How long requests under way may take once the program is told to stop, in milliseconds. */
export const LAST_REQUESTS = 5_000;

/** How long a client may take to send a request, and rest between two, in milliseconds. */
interface Limits {
  readonly head: number;
  readonly request: number;
  readonly rest: number;
  /** Between two looks at the first two: by default 30 s, which would be the limit then. */
  readonly check: number;
}

const LIMITS: Limits = { head: 5_000, request: 15_000, rest: 60_000, check: 1_000 };
/** The most connections at once. */
const MOST_CONNECTIONS = 512;

/**
 * Serves an app on `HOST:PORT` of this host; port 0 is any free one.
 * @throws {Error} Where nobody may listen there.
 */
export function serve(app: RouterApp, listen: string, limits = LIMITS): Promise<Serving> {
  const colon = listen.lastIndexOf(":");
  const host = listen.slice(0, colon).replace(/^\[|\]$/g, "");
  const server = createServer({
    headersTimeout: limits.head,
    requestTimeout: limits.request,
    keepAliveTimeout: limits.rest,
    connectionsCheckingInterval: limits.check,
    maxHeaderSize: 16_384,
  }, (incoming, outgoing) => void answer(app, incoming, outgoing));
  server.maxConnections = MOST_CONNECTIONS;
  return new Promise((resolve, reject) => {
    // Later ones are of single connections, and end nothing.
    server.on("error", reject);
    server.listen(Number(listen.slice(colon + 1)), host, () => {
      const { address, port } = server.address() as { readonly address: string; readonly port: number };
      resolve({
        address: address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`,
        end: (milliseconds) => end(server, milliseconds),
      });
    });
  });
}

/** Never fails: a client that is gone is told nothing. */
async function answer(app: RouterApp, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  // Without listeners their errors would end the program.
  incoming.on("error", () => {});
  outgoing.on("error", () => {});
  const request = new Incoming(incoming);
  const { status, type, text } = await app(request);
  if (outgoing.destroyed) return;
  outgoing.writeHead(status, {
    ...REPLY_HEADERS,
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    // What is left of a body is no next request.
    ...request.hasRest && { connection: "close" },
  });
  outgoing.end(text);
}

class Incoming implements HttpRequest {
  readonly #incoming: IncomingMessage;
  readonly method: string;
  readonly path: string;
  /** Whether somebody has stopped to read before its end. */
  hasRest = false;

  constructor(incoming: IncomingMessage) {
    const { method = "GET", url = "/" } = incoming;
    [this.#incoming, this.method, this.path] = [incoming, method, pathOf(url)];
  }

  header(name: string): string | undefined {
    const value = this.#incoming.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  /** Deno 2.4 would wait for the end of none for ever. */
  get #hasBody(): boolean {
    const { "content-length": length = "0", "transfer-encoding": coding } = this.#incoming.headers;
    return coding !== undefined || Number(length) !== 0;
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#pieces();
  }

  /** The answer goes out by the same connection: who stops to read keeps it. */
  async *#pieces(): AsyncGenerator<Uint8Array> {
    if (!this.#hasBody) return;
    this.hasRest = true;
    try {
      yield* this.#incoming.iterator({ destroyOnReturn: false });
    } catch {
      throw hungUp();
    }
    this.hasRest = false;
  }

  whole(): Promise<Uint8Array> {
    if (!this.#hasBody) return Promise.resolve(new Uint8Array());
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let hasEnded = false;
      this.#incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      this.#incoming.on("end", () => {
        hasEnded = true;
        resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      });
      this.#incoming.on("close", () => hasEnded || reject(hungUp()));
    });
  }
}

/** A proxy may send the whole address. */
function pathOf(url: string): string {
  const path = url.startsWith("/") ? url : URL.parse(url)?.pathname ?? url;
  const end = path.indexOf("?");
  return end < 0 ? path : path.slice(0, end);
}

/** Nobody reads that; it is no fault of the router. */
function hungUp(): RouterProblem {
  return new RouterProblem("bad_request", "the client hung up before the end of the body");
}

function end(server: Server, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.closeAllConnections();
      // Deno 2.4 closes none, and then never says that the server is closed.
      resolve();
    }, milliseconds);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
