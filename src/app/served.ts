import { type ListenConfig, listenText } from "../config/mod.ts";
import type { Secret } from "../text/secret.ts";

/** What is told where the runtime keeps no limits. */
export const CAVEAT =
  `Deno ${Deno.version.deno} keeps no limits of time and connections, so that those who can reach it ` +
  "may take all file handles: use Deno 2.9 or later";

/** How those who ask are told apart. */
export function accessOf({ hasToken, hasClientCertificates }: ListenConfig) {
  if (hasToken) return hasClientCertificates ? "certificate and token" : "token";
  return hasClientCertificates ? "certificate" : "open";
}

/** Whether one socket can serve both. */
export function hasSameSocket(a: ListenConfig, b: ListenConfig): boolean {
  return listenText(a.address) === listenText(b.address) && a.tls?.cert === b.tls?.cert &&
    a.tls?.clientCa === b.tls?.clientCa && isSameSecret(a.tls?.key, b.tls?.key);
}

/** Whether both let in the same clients. */
export function hasSameDoor(a: ListenConfig, b: ListenConfig): boolean {
  const [ours, theirs] = [a, b].map(({ token, moreTokens = [] }) => [token, ...moreTokens]);
  return a.hosts.join() === b.hosts.join() && ours!.length === theirs!.length &&
    ours!.every((token, index) => isSameSecret(token, theirs![index]));
}

function isSameSecret(a: Secret | undefined, b: Secret | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.equals(b));
}
