import type { HostList } from "./hosts.ts";
import type { Limits } from "./limits.ts";
import type { Refusal } from "./refusal.ts";
import { type RequestHead, valueOf, valuesOf } from "./request_head.ts";

export interface HeadRules {
  readonly hosts: HostList;
  readonly limits: Limits;
  /** Whether a POST may have no body, and then no content type. */
  readonly takesBarePosts?: boolean;
  /** Whether a body may come in chunks. */
  readonly takesChunks?: boolean;
}

type Check = (head: RequestHead, rules: HeadRules) => Refusal | undefined;

/** What is needed to say whether a request is one at all. */
export type FormRules = Pick<HeadRules, "limits" | "takesChunks">;

/** Methods that change something. */
const WRITES = ["POST"];
const METHODS = ["GET", "HEAD", ...WRITES];

/** Headers that a request has once at most: with two of them, two readers may see two requests. */
const SINGLE = [
  "host",
  "content-length",
  "transfer-encoding",
  "content-type",
  "authorization",
  "origin",
  "sec-fetch-site",
];

/** Why a request is refused before its body is read, and before anybody asks who sent it; undefined: it is not. */
export function headRefusal(head: RequestHead, rules: HeadRules): Refusal | undefined {
  for (const check of CHECKS) {
    const refusal = check(head, rules);
    if (refusal !== undefined) return refusal;
  }
}

/** Why a request is refused whatever it asks for: it is too large, or two readers might not understand it alike. */
export function formRefusal(head: RequestHead, rules: FormRules): Refusal | undefined {
  return sizes(head, rules) ?? framing(head, rules);
}

const CHECKS: readonly Check[] = [sizes, method, framing, host, target, origin, body];

function sizes({ headers, target }: RequestHead, { limits }: FormRules): Refusal | undefined {
  if (target.length > limits.target) return { status: 414, error: "The path is too long" };
  if (headers.length > limits.headers) return { status: 431, error: "There are too many headers" };
  // The parser may count otherwise.
  const bytes = headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  if (bytes > limits.headBytes) return { status: 431, error: "The headers are too long" };
}

function method({ method }: RequestHead): Refusal | undefined {
  if (METHODS.includes(method)) return undefined;
  return { status: 405, error: "This method is not served", headers: { allow: METHODS.join(", ") } };
}

/** What two readers of the same bytes might not understand alike. */
function framing(head: RequestHead, { takesChunks = false }: FormRules): Refusal | undefined {
  if (!["1.0", "1.1"].includes(head.version)) return { status: 505, error: "This is not HTTP/1.1" };
  const twice = secondOf(head);
  if (twice !== undefined) return { status: 400, error: `The header "${twice}" is there twice` };
  const length = valueOf(head, "content-length");
  const encoding = valueOf(head, "transfer-encoding");
  if (length !== undefined && encoding !== undefined) {
    return { status: 400, error: "A request has a content length or a transfer encoding" };
  }
  if (length !== undefined && !/^\d{1,15}$/.test(length)) {
    return { status: 400, error: "The content length is no number" };
  }
  if (encoding !== undefined) {
    if (encoding !== "chunked" || head.version !== "1.1") {
      return { status: 400, error: "The transfer encoding is not chunked" };
    }
    // Who reads little needs no chunks, and what stands between them has no limit.
    if (!takesChunks) return { status: 411, error: "A content length is needed in place of chunks" };
  }
  if (valuesOf(head, "upgrade").length > 0) return { status: 400, error: "No other protocol is served" };
  if (valuesOf(head, "expect").some((value) => value.toLowerCase() !== "100-continue")) {
    return { status: 417, error: "This expectation cannot be met" };
  }
}

/** The name of the first header that is there again and may not be. */
function secondOf({ headers }: RequestHead): string | undefined {
  let seen = 0;
  for (const [name, value] of headers) {
    const place = SINGLE.indexOf(name);
    if (place < 0) continue;
    // Deno 2.4 joins hosts that were sent twice.
    if ((seen & (1 << place)) !== 0 || (name === "host" && value.includes(","))) return name;
    seen |= 1 << place;
  }
}

function host(head: RequestHead, { hosts }: HeadRules): Refusal | undefined {
  const value = valueOf(head, "host");
  if (value === undefined) return { status: 400, error: "The request has no host" };
  const known = hosts.has(value, head.local);
  if (known === undefined) return { status: 400, error: "The host of the request is none" };
  if (!known) {
    return {
      status: 421,
      error: 'This host is not served here: name it in "hosts", in the configuration of this address',
    };
  }
}

function target({ target }: RequestHead): Refusal | undefined {
  // The form with a whole address is for proxies, and names a host of its own.
  if (/^\/[\x21-\x7e]*$/.test(target) && !/[\\#]/.test(target)) return undefined;
  return { status: 400, error: "The path is none" };
}

/** What a browser sends for a page of somebody else. */
function origin(head: RequestHead): Refusal | undefined {
  const site = valueOf(head, "sec-fetch-site");
  if (!WRITES.includes(head.method)) {
    // A link may lead here, but no other page loads anything, nor holds a stream open.
    const isForeign = site === "cross-site" || site === "same-site";
    const isLink = valueOf(head, "sec-fetch-mode") === "navigate" &&
      valueOf(head, "sec-fetch-dest") === "document";
    return isForeign && !isLink ? { status: 403, error: "Another site asks for this" } : undefined;
  }
  const from = valueOf(head, "origin");
  const isForeign = (site !== undefined && site !== "same-origin") ||
    (from !== undefined && !isOrigin(from, valueOf(head, "host")!));
  if (isForeign) return { status: 403, error: "Another site asks for this" };
}

/** Whether an origin is the one that a host is of; `null` is nobody's. */
function isOrigin(origin: string, host: string): boolean {
  const [, own] = /^https?:\/\/([^/?#@\\]+)$/.exec(origin.toLowerCase()) ?? [];
  return own !== undefined && own === host.toLowerCase();
}

function body(head: RequestHead, { limits, takesBarePosts }: HeadRules): Refusal | undefined {
  const length = Number(valueOf(head, "content-length") ?? 0);
  if (length > limits.body) return { status: 413, error: "The body is too long" };
  if (!WRITES.includes(head.method)) {
    return length > 0 ? { status: 400, error: "This method has no body" } : undefined;
  }
  // A form of another page can be sent without asking, JSON cannot. What has no type says where it is from.
  const type = valueOf(head, "content-type") ?? "";
  if (takesBarePosts === true && length === 0 && type === "") return undefined;
  if (/^application\/json *(?:; *charset="?utf-8"?)?$/i.test(type)) return undefined;
  return { status: 415, error: "The content type is not application/json" };
}
