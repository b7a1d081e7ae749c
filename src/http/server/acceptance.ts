import { connect } from "node:net";

/** How long an accepted connection may take to show, in milliseconds. */
const PATIENCE = 2_000;

/**
 * Whether connections to a port of this host are still accepted. A runtime that had no file handle for a new connection
 * may never accept another one, and say nothing: Deno 2.9 does so.
 * @param accepted How many were accepted so far.
 */
export function isAccepting(
  { host, port }: { readonly host: string; readonly port: number },
  accepted: () => number,
): Promise<boolean> {
  const before = accepted();
  return new Promise((resolve) => {
    const socket = connect(port, reachable(host));
    const end = (isAlive: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(isAlive);
    };
    const timer = setTimeout(() => end(accepted() !== before), PATIENCE);
    // Ended at once, as where there are as many as there may be: somebody is there.
    socket.on("close", () => end(true));
    socket.on("error", ({ code }: { readonly code?: string }) => end(code !== "ECONNREFUSED"));
  });
}

/** An address under which this host reaches itself. */
function reachable(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}
