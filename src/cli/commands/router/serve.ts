import { createAdaptorServer } from "@hono/node-server";
import type { Server } from "node:http";
import type { Hono } from "hono";

/** A socket that serves an app. */
export interface Serving {
  /** Such as `127.0.0.1:8080`. */
  readonly address: string;
  /** Takes no more requests, waits for those under way for at most so long, then hangs up. */
  end(milliseconds: number): Promise<void>;
}

/** How long requests under way may take once the program is told to stop, in milliseconds. */
export const LAST_REQUESTS = 5_000;

/** How long a client may take to send a request, and rest between two, in milliseconds. */
const [HEAD_MS, REQUEST_MS, REST_MS] = [5_000, 15_000, 60_000] as const;
/** The most connections at once. */
const MOST_CONNECTIONS = 512;

/**
 * Serves an app on `HOST:PORT` of this host; port 0 is any free one.
 * @throws {Error} Where nobody may listen there.
 */
export function serve(app: Pick<Hono, "fetch">, listen: string): Promise<Serving> {
  const colon = listen.lastIndexOf(":");
  const host = listen.slice(0, colon).replace(/^\[|\]$/g, "");
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      headersTimeout: HEAD_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: REST_MS,
      maxHeaderSize: 16_384,
    },
  }) as Server;
  server.maxConnections = MOST_CONNECTIONS;
  return new Promise((resolve, reject) => {
    // Later ones are of single connections, and end nothing.
    server.on("error", reject);
    server.listen(Number(listen.slice(colon + 1)), host, () => {
      const { address, port } = server.address() as { readonly address: string; readonly port: number };
      resolve({
        address: address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`,
        end: (milliseconds) => end(server, milliseconds),
      });
    });
  });
}

function end(server: Server, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.closeAllConnections();
      // Deno 2.4 closes none, and then never says that the server is closed.
      resolve();
    }, milliseconds);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
