import type { IncomingMessage, ServerResponse } from "node:http";
import { Buffer } from "node:buffer";
import { getRequestListener } from "@hono/node-server";
import type { Caller, Door, PeerSocket } from "./caller.ts";
import type { Deadlines } from "./deadlines.ts";
import { admit, isRefusal } from "./gate.ts";
import type { Serve } from "./guarded_server.ts";
import { SECURITY_HEADERS } from "./headers.ts";
import { headRefusal } from "./head_guard.ts";
import type { HostList } from "./hosts.ts";
import { bodyRefusal } from "./json_guard.ts";
import type { Limits } from "./limits.ts";
import type { Rate } from "./rate.ts";
import type { Refusal } from "./refusal.ts";
import { readBody } from "./read_body.ts";
import { refuse } from "./refuse.ts";
import { type RequestHead, requestHead, valueOf } from "./request_head.ts";
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

/** Answers requests: first who asks for what, then the body, then the application. */
export function requestListener(options: ServeOptions): Serve {
  return async (incoming, outgoing, deadlines) => {
    outgoing.on("finish", () => options.answered?.(outgoing.statusCode));
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) outgoing.setHeader(name, value);
    const { site } = options;
    const exchange = {
      incoming,
      outgoing,
      deadlines,
      refuse: (refusal: Refusal) => refuse(refusal, { incoming, outgoing, site }),
    };
    try {
      await answer(requestHead(incoming), exchange, options);
    } catch {
      exchange.refuse({ status: 500, error: "The request failed" });
    }
  };
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly deadlines: Deadlines;
  /** Answers with that, and ends the connection. */
  refuse(refusal: Refusal): void;
}

async function answer(
  head: RequestHead,
  { incoming, outgoing, deadlines, refuse }: Exchange,
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
    const body = await readBody(incoming, limits, deadlines);
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
