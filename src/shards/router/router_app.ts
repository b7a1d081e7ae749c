import { createHash, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../text/secret.ts";
import { planText } from "../plan/mod.ts";
import { type Health, type HealthOptions, healthReader } from "./health.ts";
import { bodyText, type HttpReply, type HttpRequest } from "./http_message.ts";
import { PROBLEMS, RouterProblem } from "./problem.ts";
import { type QueryRequest, readRequest } from "./request.ts";
import type { Routing } from "./router.ts";

/** What the routes of a router need. */
export interface RouterAppOptions extends HealthOptions {
  /** Of those who may ask; empty: whoever reaches it. */
  readonly tokens: readonly Secret[];
  /** Told of what should never happen; the caller is told no more than that. */
  failed(error: unknown): void;
}

/** Answers requests; never fails. */
export type RouterApp = (request: HttpRequest) => Promise<HttpReply>;

/** The headers of all answers. */
export const REPLY_HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" } as const;

/** The routes of a router: POST /query, POST /explain, GET /health. Nothing but what they need: each request pays for it. */
export function routerApp(options: RouterAppOptions): RouterApp {
  const digests = options.tokens.map((token) => digestOf(token.reveal()));
  const health = healthReader(options);
  return async (request) => {
    try {
      const refusal = admissionRefusal(request, digests);
      if (refusal !== undefined) throw refusal;
      return await routed(request, { router: options.router, health });
    } catch (error) {
      if (error instanceof RouterProblem) return problemReply(error, PROBLEMS[error.code]);
      tell(error, options);
      return json({ error: { code: "internal", message: "the router failed: its log says how" } }, 500);
    }
  };
}

/** Where nobody can be told, as where the log is closed, the caller is answered all the same. */
function tell(error: unknown, { failed }: Pick<RouterAppOptions, "failed">): void {
  try {
    failed(error);
  } catch {
    // That is all that can be done.
  }
}

async function routed(
  request: HttpRequest,
  { router, health }: { readonly router: Routing; health(): Promise<Health> },
): Promise<HttpReply> {
  switch (`${request.method} ${request.path}`) {
    case "POST /query":
      return json(await router.query(await requestOf(request), request));
    case "POST /explain": {
      const wantsText = request.header("accept")?.includes("text/plain") === true;
      return await explained(await requestOf(request), router, { wantsText });
    }
    case "GET /health":
    case "HEAD /health": {
      const found = await health();
      return json(found, found.status === "ok" ? 200 : 503);
    }
  }
  const message = "there is nothing here: POST /query, POST /explain, GET /health";
  throw new RouterProblem("not_found", message);
}

/** The answer to POST /explain. Throws {@linkcode RouterProblem}. */
export async function explained(
  request: QueryRequest,
  router: Pick<Routing, "explain">,
  { wantsText }: { readonly wantsText: boolean },
): Promise<HttpReply> {
  const plans = await router.explain(request);
  if (!wantsText) return json(request.transaction ? { plans } : plans[0]!);
  return { status: 200, type: "text/plain; charset=UTF-8", text: `${plans.flatMap(planText).join("\n")}\n` };
}

function json(body: unknown, status = 200): HttpReply {
  return { status, type: "application/json", text: JSON.stringify(body) };
}

function problemReply({ code, message, hint }: RouterProblem, status: number): HttpReply {
  return json({ error: { code, message, ...hint !== undefined && { hint } } }, status);
}

/** A page of another site can make a browser send requests to this host, but not with this type, nor with this Host. */
async function requestOf(request: HttpRequest): Promise<QueryRequest> {
  if (!/^application\/json\s*(?:;|$)/i.test(request.header("content-type") ?? "")) {
    const message = "the content-type is not application/json";
    throw new RouterProblem("bad_request", message);
  }
  const text = await bodyText(request);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new RouterProblem("bad_request", "the body is not JSON");
  }
  return readRequest(body);
}

function isLocalHost(host: string | undefined): boolean {
  return host !== undefined && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i.test(host);
}

/** Why a request is not let in. */
function admissionRefusal(request: HttpRequest, tokens: readonly Uint8Array[]): RouterProblem | undefined {
  if (!isLocalHost(request.header("host"))) {
    return new RouterProblem("bad_request", "the header Host names no address of this host");
  }
  if (tokens.length === 0 || request.path === "/health") return undefined;
  const given = digestOf(/^Bearer (.+)$/i.exec(request.header("authorization") ?? "")?.[1] ?? "");
  // All are compared, each in the same time: how long it takes tells nothing.
  const matches = tokens.filter((token) => timingSafeEqual(given, token));
  return matches.length > 0
    ? undefined
    : new RouterProblem("unauthorized", "a token is needed", "send Authorization: Bearer TOKEN");
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
