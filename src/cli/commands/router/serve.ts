import type { IncomingMessage, ServerResponse } from "node:http";
import { Buffer } from "node:buffer";
import { systemClock } from "../../../clock.ts";
import type { Deadlines } from "../../../http/server/deadlines.ts";
import { formRefusal } from "../../../http/server/head_guard.ts";
import { GuardedServer } from "../../../http/server/guarded_server.ts";
import { endLast } from "../../../http/server/last_answer.ts";
import { LIMITS, type Limits } from "../../../http/server/limits.ts";
import { refuse } from "../../../http/server/refuse.ts";
import { requestHead } from "../../../http/server/request_head.ts";
import type { Site } from "../../../http/server/site.ts";
import { listenText } from "../../../config/mod.ts";
import { MOST_REQUEST_BYTES, REPLY_HEADERS, type RouterApp } from "../../../shards/mod.ts";
import { Incoming } from "./incoming.ts";

/** A socket that serves an app. */
export interface Serving {
  /** Such as `127.0.0.1:8080`. */
  readonly address: string;
  /** How many connections may be open. */
  readonly connections: number;
  /** Whether this runtime keeps the limits of time and connections. */
  readonly keepsLimits: boolean;
  /** Takes no more requests, waits for those under way for at most so long, then hangs up. */
  end(milliseconds: number): Promise<void>;
}

export interface ServingOptions {
  /** How long a statement may take, in milliseconds. */
  readonly timeout: number;
  readonly limits?: Partial<Limits>;
  /** Is told that no connection was accepted, and that it listens again. */
  listensAgain?(): void;
}

/** How long requests under way may take once the program is told to stop, in milliseconds. */
export const LAST_REQUESTS = 5_000;

/** What is told where it listens again. */
export const AGAIN =
  "listens again: no connection was accepted, as where all file handles are taken (ulimit -n)";

/** Programs ask, and keep their connections: those that ask often are not told to wait. */
const ROUTER_LIMITS = {
  connections: 512,
  rate: 100_000,
  body: MOST_REQUEST_BYTES,
  head: 5_000,
  rest: 60_000,
  // Some answers are large.
  unreadOfAll: 2 ** 28,
} as const;

/** What is no request that can be read. */
const SITE: Pick<Site, "bodyOf"> = {
  bodyOf: ({ error }) => ({
    type: "application/json",
    text: JSON.stringify({ error: { code: "bad_request", message: error } }),
  }),
};

/**
 * Serves an app on `HOST:PORT` of this host; port 0 is any free one.
 * @throws {ListenError} Where nobody may listen there.
 */
export async function serve(
  app: RouterApp,
  listen: string,
  { timeout, limits: changed = {}, listensAgain }: ServingOptions,
): Promise<Serving> {
  // Of requests that wait for each other, each may take its whole time.
  const answer = LIMITS.answer + LIMITS.pipelined * timeout;
  const limits = { ...LIMITS, ...ROUTER_LIMITS, answer, ...changed };
  const server = await GuardedServer.listen(configOf(listen), {
    serve: (incoming, outgoing, deadlines) => answered(app, { incoming, outgoing, limits, deadlines }),
    ...{ site: SITE, clock: systemClock, limits },
    ...listensAgain !== undefined && { listensAgain },
  });
  const { keepsLimits, mostConnections: connections } = server;
  return {
    ...{ address: listenText(server.address), connections, keepsLimits },
    end: (milliseconds) => server.drain(milliseconds),
  };
}

function configOf(listen: string) {
  const colon = listen.lastIndexOf(":");
  const host = listen.slice(0, colon).replace(/^\[|\]$/g, "");
  const address = { host, port: Number(listen.slice(colon + 1)) };
  return { address, hosts: [], hasTls: false, hasToken: false, hasClientCertificates: false };
}

async function answered(
  app: RouterApp,
  { incoming, outgoing, limits, deadlines }: {
    readonly incoming: IncomingMessage;
    readonly outgoing: ServerResponse;
    readonly limits: Limits;
    readonly deadlines: Deadlines;
  },
): Promise<void> {
  const refusal = formRefusal(requestHead(incoming), { limits, takesChunks: true });
  if (refusal !== undefined) {
    const headers = { ...REPLY_HEADERS, ...refusal.headers };
    return refuse({ ...refusal, headers }, { incoming, outgoing, site: SITE });
  }
  const request = new Incoming(incoming, { outgoing, limits, deadlines });
  const { status, type, text } = await app(request);
  if (outgoing.destroyed) return;
  const { isLast, hasRest } = request;
  outgoing.writeHead(status, {
    ...REPLY_HEADERS,
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    ...isLast && { connection: "close" },
  });
  if (!isLast) return void outgoing.end(text);
  if (request.method !== "HEAD") outgoing.write(text);
  endLast(incoming, outgoing, { hasRest });
}
