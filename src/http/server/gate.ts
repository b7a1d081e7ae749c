import type { Caller, Door, PeerSocket } from "./caller.ts";
import { callerOf, NO_CERTIFICATE } from "./caller.ts";
import type { Refusal } from "./refusal.ts";
import type { Site } from "./site.ts";
import { pathOf, type RequestHead, valueOf } from "./request_head.ts";

/** Who comes in, and how far. */
export interface Admission {
  /** Absent: somebody who has not shown a token. */
  readonly caller?: Caller;
  /** Only the status of the answer is for them. */
  readonly isTerse: boolean;
}

/**
 * Whether a request comes in.
 * @param now In milliseconds since 1970.
 */
export function admit(
  head: RequestHead,
  socket: PeerSocket | undefined,
  options: { readonly door: Door; readonly now: number; readonly site: Site },
): Admission | Refusal {
  const caller = callerOf(head, socket, options);
  if (caller === NO_CERTIFICATE) return { status: 403, error: "A client certificate is needed" };
  if (caller !== undefined) return { caller, isTerse: false };
  const path = pathOf(head);
  const { open, terse, hasLogin } = options.site;
  if (open.test(path)) return { isTerse: false };
  if (path === terse) return { isTerse: true };
  const isPerson = hasLogin && head.method === "GET" && !path.startsWith("/api") &&
    (valueOf(head, "accept") ?? "").includes("text/html");
  return isPerson
    ? { status: 303, error: "Log in first", headers: { location: "/login" } }
    : { status: 401, error: "A token is needed", headers: { "www-authenticate": "Bearer" } };
}

export function isRefusal(admission: Admission | Refusal): admission is Refusal {
  return "status" in admission;
}
