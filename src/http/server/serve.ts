import type { IncomingMessage, ServerResponse } from "node:http";
import { Buffer } from "node:buffer";
import { getRequestListener } from "@hono/node-server";
import type { Caller, Door, PeerSocket } from "./caller.ts";
import { admit, isRefusal } from "./gate.ts";
import { SECURITY_HEADERS } from "./headers.ts";
import { headRefusal } from "./head_guard.ts";
import type { HostList } from "./hosts.ts";
import { bodyRefusal } from "./json_guard.ts";
import type { Limits } from "./limits.ts";
import type { Rate } from "./rate.ts";
import type { Refusal } from "./refusal.ts";
import { pathOf, type RequestHead, requestHead, valueOf } from "./request_head.ts";
import type { Site } from "./site.ts";

/** What a request is answered with, beside the request: `c.env` of hono. */
export interface HttpEnv {
  /** Absent where nobody has shown who they are, which only a few paths allow. */
  readonly caller?: Caller;
  /** Lets the answer take as long as it takes. */
  takesLong?(): void;
}

/** What answers requests that were let in. */
export type Fetch = (request: Request, env: HttpEnv) => Response | Promise<Response>;

export interface ServeOptions {
  readonly fetch: Fetch;
  readonly site: Site;
  readonly limits: Limits;
  readonly rate: Rate;
  now(): number;
  /** In milliseconds since 1970. */
  wall(): number;
  /** Both may change while the program runs. */
  door(): Door;
  hosts(): HostList;
  /** Is told of each answer, also of a refusal, when it was sent. */
  answered?(status: number): void;
  /** Is told of a response that has no end. */
  streams(outgoing: ServerResponse): void;
}

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** Answers requests: first who asks for what, then the body, then the application. */
export function requestListener(options: ServeOptions): Listener {
  const ending = new WeakSet<object>();
  return (incoming, outgoing) => {
    // What stands behind a request that was refused may be a part of it.
    if (ending.has(incoming.socket)) return;
    // Without listeners their errors would end the program.
    incoming.on("error", () => {});
    outgoing.on("error", () => {});
    outgoing.on("finish", () => options.answered?.(outgoing.statusCode));
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) outgoing.setHeader(name, value);
    const head = requestHead(incoming);
    const exchange = {
      incoming,
      outgoing,
      refuse: (refusal: Refusal) => {
        ending.add(incoming.socket);
        refuse(head, outgoing, { refusal, incoming, site: options.site });
      },
    };
    answer(head, exchange, options)
      .catch(() => exchange.refuse({ status: 500, error: "The request failed" }));
  };
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Answers with that, and ends the connection. */
  refuse(refusal: Refusal): void;
}

async function answer(
  head: RequestHead,
  { incoming, outgoing, refuse }: Exchange,
  options: ServeOptions,
): Promise<void> {
  const { limits, rate, site } = options;
  if (!rate.take(options.now())) {
    return refuse({
      status: 503,
      error: "There are too many requests",
      headers: { "retry-after": "1" },
    });
  }
  const refusal = headRefusal(head, { ...site, hosts: options.hosts(), limits });
  if (refusal !== undefined) return refuse(refusal);
  const door = { door: options.door(), now: options.wall(), site };
  const admission = admit(head, incoming.socket as PeerSocket, door);
  if (isRefusal(admission)) return refuse(admission);
  if (head.method === "POST") {
    // Who asks first whether to send it is told now: it may come.
    if (valueOf(head, "expect") !== undefined) outgoing.writeContinue();
    const body = await readBody(incoming, limits);
    if (!(body instanceof Uint8Array)) return refuse(body);
    const wrong = bodyRefusal(body, limits);
    if (wrong !== undefined) return refuse(wrong);
    Object.assign(incoming, { rawBody: Buffer.from(body) });
  }
  const { caller, isTerse } = admission;
  const takesLong = () => options.streams(outgoing);
  const env: HttpEnv = caller === undefined ? { takesLong } : { caller, takesLong };
  const listener = getRequestListener(async (request) => {
    const response = await options.fetch(request, env);
    if (isTerse) return terse(response);
    if (response.headers.get("content-type")?.startsWith("text/event-stream")) options.streams(outgoing);
    return response;
  }, {
    // It would put its own in place of Request and Response, for the whole program.
    overrideGlobalObjects: false,
    autoCleanupIncoming: false,
    errorHandler: () => new Response(null, { status: 400 }),
  });
  await listener(incoming, outgoing);
}

/** An answer for those who may know whether, and not why. */
async function terse(response: Response): Promise<Response> {
  await response.body?.cancel();
  return new Response(response.ok ? "ready\n" : "not ready\n", {
    status: response.status,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

/** The body, as long as it is short, and comes in time. */
function readBody(incoming: IncomingMessage, limits: Limits): Promise<Uint8Array | Refusal> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const timer = setTimeout(
      () => end({ status: 408, error: "The body did not come in time" }),
      limits.bodyTime,
    );
    const end = (result: Uint8Array | Refusal) => {
      clearTimeout(timer);
      incoming.off("data", take);
      resolve(result);
    };
    const take = (chunk: Uint8Array) => {
      size += chunk.length;
      if (size > limits.body) end({ status: 413, error: "The body is too long" });
      else chunks.push(chunk);
    };
    incoming.on("data", take);
    incoming.on("end", () => end(Buffer.concat(chunks)));
    incoming.on("close", () => end({ status: 400, error: "The body has no end" }));
  });
}

/**
 * Refuses a request, and ends the connection once the client has sent what it was sending: else the answer could be lost on
 * its way. Nobody is waited for, or listened to, for long.
 */
function refuse(
  head: RequestHead,
  outgoing: ServerResponse,
  { refusal, incoming, site }: {
    readonly refusal: Refusal;
    readonly incoming: IncomingMessage;
    readonly site: Site;
  },
): void {
  if (outgoing.headersSent || outgoing.destroyed) return void outgoing.destroy();
  const { type, text } = site.bodyOf(refusal, pathOf(head));
  outgoing.writeHead(refusal.status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    connection: "close",
    ...refusal.headers,
  });
  if (head.method !== "HEAD") outgoing.write(text);
  // Of what comes in chunks nobody knows whether it is a request to its end; who was too slow is not waited for again.
  if (valueOf(head, "transfer-encoding") !== undefined || refusal.status === 408) outgoing.end();
  else afterRest(incoming, () => outgoing.end());
}

/** What a client may still send, in bytes, and for how long, in milliseconds, after it was refused. */
const [REST_BYTES, REST_TIME] = [8_388_608, 2_000];

/** Calls back once a client has sent its request, or too much of it, or has taken too long. */
function afterRest(incoming: IncomingMessage, ended: () => void): void {
  if (incoming.complete) return ended();
  let rest = 0;
  const end = () => {
    clearTimeout(timer);
    ended();
  };
  const timer = setTimeout(end, REST_TIME);
  incoming.on("data", (chunk: Uint8Array) => (rest += chunk.length) > REST_BYTES && end());
  incoming.on("end", end);
  incoming.on("close", end);
  incoming.resume();
}
