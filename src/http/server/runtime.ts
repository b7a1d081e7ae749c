import { type AddressInfo, connect, Socket } from "node:net";
import { createServer } from "node:http";

/** How long the runtime may take to show its sockets, in milliseconds. */
const PATIENCE = 1_000;

/**
 * Whether this runtime shows a server its connections before they ask for anything. Without that nothing can be promised
 * of those who connect and say nothing: Deno 2.4 keeps none of Node's limits, and does not ask for client certificates.
 * Found by trying it on a port of this host.
 */
export async function showsConnections(): Promise<boolean> {
  const server = createServer();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const found = new Promise<boolean>((resolve) => {
    server.once("connection", (socket: unknown) => {
      resolve(socket instanceof Socket && typeof socket.writableLength === "number");
    });
    server.once("error", () => resolve(false));
    timer = setTimeout(() => resolve(false), PATIENCE);
  });
  server.listen(0, "127.0.0.1", () => {
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    client.on("error", () => {});
    found.finally(() => client.destroy());
  });
  return await found.finally(() => {
    clearTimeout(timer);
    server.close();
  });
}
