import type { ListenConfig } from "../../config/mod.ts";
import { type RequestHead, valueOf } from "./request_head.ts";
import type { Keeper } from "./session.ts";

/** Who sent a request. JSON-able. */
export interface Caller {
  /** `local`: anybody who can reach this address, where nobody needs to say who they are. */
  readonly kind: "local" | "token" | "session" | "certificate";
  /** The common name of a certificate. */
  readonly name?: string;
  /** The address that the request came from. */
  readonly address?: string;
}

/** What a TLS socket of Node tells. */
export interface PeerSocket {
  readonly remoteAddress?: string;
  readonly authorized?: boolean;
  getPeerCertificate?(): { readonly raw?: unknown; readonly subject?: { readonly CN?: unknown } } | null;
}

/** Who is let in. */
export interface Door {
  /** Absent: nobody needs a token. */
  readonly keeper?: Keeper;
  readonly needsCertificate: boolean;
  /** The name of the cookie. */
  readonly cookie: string;
}

/** A client that has not shown a certificate where one is needed. */
export const NO_CERTIFICATE = "no-certificate";

/**
 * Who sent a request; undefined if they have no token and need one. Where a certificate is asked for and a token, both
 * are needed.
 * @param now In milliseconds since 1970.
 */
export function callerOf(
  head: RequestHead,
  socket: PeerSocket | undefined,
  { door: { keeper, needsCertificate, cookie }, now }: { readonly door: Door; readonly now: number },
): Caller | typeof NO_CERTIFICATE | undefined {
  const certificate = needsCertificate ? certificateOf(socket) : undefined;
  if (needsCertificate && certificate === undefined) return NO_CERTIFICATE;
  const address = socket?.remoteAddress;
  const known = { ...certificate, ...address !== undefined && { address } };
  if (keeper === undefined) return { kind: needsCertificate ? "certificate" : "local", ...known };
  const token = bearerOf(valueOf(head, "authorization"));
  if (token !== undefined) return keeper.isToken(token) ? { kind: "token", ...known } : undefined;
  const session = cookiesOf(head, cookie).some((value) => keeper.isSession(value, now));
  return session ? { kind: "session", ...known } : undefined;
}

/**
 * The certificate that the TLS of this connection has checked. A runtime that does not ask for one says `authorized` as
 * well, or nothing: only both together count.
 */
function certificateOf(socket: PeerSocket | undefined): { readonly name?: string } | undefined {
  if (socket?.authorized !== true) return undefined;
  const certificate = socket.getPeerCertificate?.();
  if (!(certificate?.raw instanceof Uint8Array) || certificate.raw.length === 0) return undefined;
  const name = certificate.subject?.CN;
  return typeof name === "string" ? { name } : {};
}

function bearerOf(value: string | undefined): string | undefined {
  return value === undefined ? undefined : /^bearer +(\S+)$/i.exec(value)?.[1] ?? "";
}

/** The values of a cookie, which a browser may send more than once. */
function cookiesOf(head: RequestHead, name: string): readonly string[] {
  return head.headers.filter(([own]) => own === "cookie").flatMap(([, value]) => value.split(";"))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
    .slice(0, 4);
}

/**
 * The name of the cookie. Cookies are of a host, whatever the port: two programs on one host must not share one. A
 * browser takes a name with this prefix only from HTTPS, for this host alone.
 */
export function cookieName({ address: { port }, hasTls }: Pick<ListenConfig, "address" | "hasTls">): string {
  return `${hasTls ? "__Host-" : ""}query-sniper-${port}`;
}
