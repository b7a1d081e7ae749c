/** Nothing can be served at an address. The message says where, and what to do. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there: choose another port, or end that program",
  EADDRNOTAVAIL: "this host has no such address",
  // So Deno calls it.
  EINVAL: "this host has no such address",
  EACCES: "this user may not listen on that port: choose one above 1023",
};

/** @param error Of a socket of Node. */
export function listenError(address: string, error: unknown): ListenError {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  const name = code ?? /\b(?:AddrInUse|AddrNotAvailable|PermissionDenied)\b/.exec(String(error))?.[0];
  const known = REASONS[OTHER_NAMES[name ?? ""] ?? name ?? ""];
  return new ListenError(`cannot listen on ${address}: ${known ?? message ?? String(error)}`);
}

/** How Deno calls them. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  AddrInUse: "EADDRINUSE",
  AddrNotAvailable: "EADDRNOTAVAIL",
  PermissionDenied: "EACCES",
};
