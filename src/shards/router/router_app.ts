import { type Context, Hono } from "hono";
import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../clock.ts";
import type { Secret } from "../../text/secret.ts";
import { planText } from "../plan/mod.ts";
import type { Pool } from "./pool.ts";
import { PROBLEMS, RouterProblem } from "./problem.ts";
import { type QueryRequest, readRequest } from "./request.ts";
import type { Routing } from "./router.ts";

/** What the routes of a router need. */
export interface RouterAppOptions {
  readonly router: Routing;
  readonly pools: ReadonlyMap<string, Pool>;
  /** Of those who may ask; empty: whoever reaches it. */
  readonly tokens: readonly Secret[];
  readonly clock: Clock;
  /** Told of what should never happen; the caller is told no more than that. */
  failed(error: unknown): void;
}

/** The largest request, in bytes. */
const MOST_BYTES = 2 ** 20;
/** The largest request that is read to its end although it is refused, in bytes. */
const MOST_DISCARDED = 2 ** 23;
/** How long a shard may take to say that it is there, in milliseconds. */
const HEALTH_MS = 2000;

/** The routes of a router: POST /query, POST /explain, GET /health. */
export function routerApp(options: RouterAppOptions): Hono {
  const { router, tokens, failed } = options;
  const app = new Hono();
  app.use(async (c, next) => {
    c.header("cache-control", "no-store");
    c.header("x-content-type-options", "nosniff");
    const refusal = admissionRefusal(c, tokens);
    if (refusal !== undefined) throw await unread(c.req.raw, refusal);
    await next();
  });
  app.post("/query", async (c) => c.json(await router.query(await requestOf(c))));
  app.post("/explain", (c) => explained(c, router));
  app.get("/health", async (c) => {
    const health = await healthOf(options);
    return c.json(health, health.status === "ok" ? 200 : 503);
  });
  app.notFound(async (c) => {
    const message = "there is nothing here: POST /query, POST /explain, GET /health";
    return problemOf(c, await unread(c.req.raw, new RouterProblem("bad_request", message)), 404);
  });
  app.onError((error, c) => {
    if (error instanceof RouterProblem) return problemOf(c, error, PROBLEMS[error.code]);
    failed(error);
    return c.json({ error: { code: "internal", message: "the router failed: its log says how" } }, 500);
  });
  return app;
}

/** The answer to POST /explain. Throws {@linkcode RouterProblem}. */
export async function explained(c: Context, router: Pick<Routing, "explain">): Promise<Response> {
  const request = await requestOf(c);
  const plans = await router.explain(request);
  if (c.req.header("accept")?.includes("text/plain") === true) {
    return c.text(`${plans.flatMap(planText).join("\n")}\n`);
  }
  return c.json(request.transaction ? { plans } : plans[0]!);
}

function problemOf(
  c: Context,
  { code, message, hint }: RouterProblem,
  status: 400 | 401 | 404 | 409 | 503 | 504,
): Response {
  return c.json({ error: { code, message, ...hint !== undefined && { hint } } }, status);
}

/** A page of another site can make a browser send requests to this host, but not with this type, nor with this Host. */
async function requestOf(c: Context): Promise<QueryRequest> {
  if (!/^application\/json\s*(?:;|$)/i.test(c.req.header("content-type") ?? "")) {
    const message = "the content-type is not application/json";
    throw await unread(c.req.raw, new RouterProblem("bad_request", message));
  }
  const text = await bodyOf(c);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new RouterProblem("bad_request", "the body is not JSON");
  }
  return readRequest(body);
}

/** The body of a request, unless it is too large. */
async function bodyOf(c: Context): Promise<string> {
  const length = c.req.header("content-length");
  // The parser of HTTP holds a client to the length that it told; without one nobody knows before it is read.
  const isKnown = length !== undefined && c.req.header("transfer-encoding") === undefined;
  if (isKnown && Number(length) > MOST_BYTES) throw await unread(c.req.raw, tooLarge());
  const bytes = isKnown ? new Uint8Array(await c.req.arrayBuffer()) : await streamed(c.req.raw);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new RouterProblem("bad_request", "the body is not UTF-8");
  }
}

/**
 * Reads a request that is refused, and returns why it is: whoever is still sending does not see the answer if the connection
 * ends first. What is larger than anybody sends by mistake is not read to its end.
 */
async function unread({ body }: Request, problem: RouterProblem): Promise<RouterProblem> {
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > MOST_DISCARDED) break;
  }
  return problem;
}

async function streamed({ body }: Request): Promise<Uint8Array> {
  const bytes = new Uint8Array(MOST_BYTES);
  let length = 0;
  for await (const chunk of body ?? []) {
    if (length + chunk.length <= MOST_BYTES) bytes.set(chunk, length);
    length += chunk.length;
    if (length > MOST_DISCARDED) break;
  }
  if (length > MOST_BYTES) throw tooLarge();
  return bytes.subarray(0, length);
}

function tooLarge(): RouterProblem {
  return new RouterProblem("bad_request", `a request has at most ${MOST_BYTES} bytes`);
}

function isLocalHost(host: string | undefined): boolean {
  return host !== undefined && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i.test(host);
}

/** Why a request is not let in. */
function admissionRefusal({ req }: Context, tokens: readonly Secret[]): RouterProblem | undefined {
  if (!isLocalHost(req.header("host"))) {
    return new RouterProblem("bad_request", "the header Host names no address of this host");
  }
  if (req.path === "/health" || tokens.length === 0) return undefined;
  const given = digestOf(/^Bearer (.+)$/i.exec(req.header("authorization") ?? "")?.[1] ?? "");
  // All are compared, each in the same time: how long it takes tells nothing.
  const matches = tokens.filter((token) => timingSafeEqual(given, digestOf(token.reveal())));
  return matches.length > 0
    ? undefined
    : new RouterProblem("unauthorized", "a token is needed", "send Authorization: Bearer TOKEN");
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

interface Health {
  readonly status: "ok" | "failing";
  readonly map_version: number | null;
  readonly shards: Readonly<Record<string, string>>;
  readonly why?: string;
}

/** Only shards that own slots are asked. Where one is not there, the map is read anew: it may have been drained since. */
async function healthOf(options: RouterAppOptions): Promise<Health> {
  const { router, pools } = options;
  try {
    let version = await router.mapVersion();
    let rows = await asked(options);
    if (rows.some(([, state]) => state !== "ok")) {
      const before = [...pools.values()];
      version = await router.mapVersion({ anew: true }).catch(() => version);
      const isSame = before.length === pools.size && before.every((pool) => pools.get(pool.name) === pool);
      if (!isSame) rows = await asked(options);
    }
    const bad = rows.filter(([, state]) => state !== "ok").map(([name]) => name);
    const why = bad.length === 0 ? {} : { why: `cannot be used: ${bad.join(", ")}` };
    const status = bad.length === 0 ? "ok" : "failing";
    return { status, map_version: version ?? null, shards: Object.fromEntries(rows), ...why };
  } catch (error) {
    const shards = Object.fromEntries(await asked(options));
    return { status: "failing", map_version: null, shards, why: (error as Error).message };
  }
}

/** Of each shard whether it can be used, or why not. */
async function asked(
  { pools, clock }: RouterAppOptions,
): Promise<readonly (readonly [name: string, state: string])[]> {
  return await Promise.all([...pools].map(async ([name, pool]) => {
    const until = clock.now() + HEALTH_MS;
    try {
      await pool.use(
        until,
        (connection) => connection.answers("DO 1", { timeout: HEALTH_MS, rows: 1, bytes: 1 }),
      );
      return [name, "ok"] as const;
    } catch (error) {
      return [name, error instanceof Error ? error.message : String(error)] as const;
    }
  }));
}
