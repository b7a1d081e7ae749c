import type { LabServer } from "../lab/mod.ts";

/** A forwarder on loopback that breaks a connection off when certain words go to the server, while it is told to. */
export interface FaultyLink extends AsyncDisposable {
  /** A row of `databases`, for a configuration: in the clear, since the link reads along. */
  readonly database: string;
  /** How many connections it has taken so far. */
  readonly connections: number;
  /** Breaks off what has these words in it from now on; nothing where there are none. */
  breakAt(words: string | undefined): void;
}

/** Starts a link to a server. */
export function startFaultyLink(server: LabServer): FaultyLink {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  let words: string | undefined;
  let connections = 0;
  const close = (ends: readonly Deno.TcpConn[]) => {
    for (const end of ends) if (open.delete(end)) end.close();
  };
  const converse = async (client: Deno.TcpConn) => {
    const ends = [client];
    open.add(client);
    try {
      const upstream = await Deno.connect({ hostname: server.host, port: server.port });
      ends.push(upstream);
      open.add(upstream);
      const passes = (bytes: Uint8Array) =>
        words === undefined || !new TextDecoder("latin1").decode(bytes).includes(words);
      await Promise.race([forward(client, upstream, passes), forward(upstream, client, () => true)]);
    } catch {
      // One of the ends is gone.
    } finally {
      close(ends);
    }
  };
  const accepting = (async () => {
    for await (const client of listener) {
      connections++;
      void converse(client);
    }
  })().catch(() => {}); // The listener was closed amid its wait.
  return {
    database: `{ name: ${server.name}, host: 127.0.0.1, port: ${listener.addr.port}, ssl_mode: disabled }`,
    get connections() {
      return connections;
    },
    breakAt(text) {
      words = text;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      close([...open]);
      await accepting;
    },
  };
}

/** Forwards until an end closes, or something does not pass. */
async function forward(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  passes: (bytes: Uint8Array) => boolean,
): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const length = await from.read(buffer);
    if (length === null) return;
    const bytes = buffer.subarray(0, length);
    if (!passes(bytes)) return;
    for (let sent = 0; sent < length;) sent += await to.write(bytes.subarray(sent));
  }
}
