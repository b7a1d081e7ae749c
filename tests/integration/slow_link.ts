/** A forwarder on loopback that lets a server's answers through only so fast. */
export interface SlowLink extends AsyncDisposable {
  readonly port: number;
  /** Lets so many bytes a second through from now on; 0 holds everything back. */
  limit(bytesPerSecond: number): void;
}

/** How often bytes are let through, in milliseconds. */
const TICK = 20;
/** What a timer that comes later than this held up is not made up for, in milliseconds. */
const LATEST = 500;

/** Forwards connections to `port` on loopback; unlimited at first. */
export function startSlowLink(port: number): SlowLink {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  let rate = Number.POSITIVE_INFINITY;
  const forwarding = (async () => {
    for await (const client of listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port });
      for (const connection of [client, server]) open.add(connection);
      void forward(client, server, { rate: () => Number.POSITIVE_INFINITY }).finally(() =>
        close([client, server])
      );
      void forward(server, client, { rate: () => rate }).finally(() => close([client, server]));
    }
  })();
  const close = (connections: Iterable<Deno.TcpConn>) => {
    for (const connection of connections) {
      if (!open.delete(connection)) continue;
      connection.close();
    }
  };
  return {
    port: listener.addr.port,
    limit(bytesPerSecond) {
      rate = bytesPerSecond;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      close([...open]);
      await forwarding.catch(() => {});
    },
  };
}

/** Forwards until either end closes. Never fails. */
async function forward(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  { rate }: { readonly rate: () => number },
): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    for (;;) {
      let most = buffer.length;
      if (Number.isFinite(rate())) {
        const begun = performance.now();
        await new Promise((resolve) => setTimeout(resolve, TICK));
        most = Math.floor(rate() * Math.min(performance.now() - begun, LATEST) / 1000);
      }
      if (most === 0) continue;
      const length = await from.read(buffer.subarray(0, Math.min(buffer.length, most)));
      if (length === null) return;
      for (let sent = 0; sent < length;) sent += await to.write(buffer.subarray(sent, length));
    }
  } catch {
    // One of the ends is gone.
  }
}
