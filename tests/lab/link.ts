/** A forwarder on loopback. Disposing of it breaks off all connections. */
export interface Link extends AsyncDisposable {
  readonly port: number;
}

/** Where a link leads. */
export interface LinkTarget {
  readonly host: string;
  readonly port: number;
}

/** Carries bytes from one end to the other, until it ends or fails: then both ends are closed. */
export type Carrier = (from: Deno.TcpConn, to: Deno.TcpConn) => Promise<void>;

/** What carries a connection's bytes each way. */
export interface Carriers {
  readonly toServer: Carrier;
  readonly toClient: Carrier;
}

/**
 * Starts a link.
 * @param begin Asked at each connection for what carries its bytes; undefined hangs up at once.
 */
export function startLink(target: LinkTarget, begin: () => Carriers | undefined): Link {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  const close = (ends: readonly Deno.TcpConn[]) => {
    for (const end of ends) if (open.delete(end)) end.close();
  };
  const converse = async (client: Deno.TcpConn) => {
    const ends = [client];
    open.add(client);
    try {
      const carriers = begin();
      if (carriers === undefined) return;
      const server = await Deno.connect({ hostname: target.host, port: target.port });
      ends.push(server);
      open.add(server);
      // One end that hangs up takes the other with it, also while what the other says is held back.
      await Promise.race([carriers.toServer(client, server), carriers.toClient(server, client)]);
    } catch {
      // The server is down, or one of the ends is gone.
    } finally {
      close(ends);
    }
  };
  const accepting = (async () => {
    for await (const client of listener) void converse(client);
  })().catch(() => {}); // The listener was closed amid its wait.
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      close([...open]);
      await accepting;
    },
  };
}

/** What becomes of some bytes: they are carried on, read and dropped, or the last that was read of a connection. */
export type Fate = "pass" | "drop" | "end";

const BUFFER = 65_536;

/** Carries what passes. */
export function carrying(fateOf: (bytes: Uint8Array) => Fate): Carrier {
  return async (from, to) => {
    const buffer = new Uint8Array(BUFFER);
    for (;;) {
      const length = await from.read(buffer);
      if (length === null) return;
      const bytes = buffer.subarray(0, length);
      const fate = fateOf(bytes);
      if (fate === "end") return;
      if (fate === "pass") await writeAll(to, bytes);
    }
  };
}

/** How often bytes are let through that are limited, in milliseconds. */
const TICK = 20;
/** What a timer that comes later than this held up is not made up for, in milliseconds. */
const LATEST = 500;

/** Carries everything, so many bytes a second; 0 holds all back. */
export function limited(bytesPerSecond: () => number): Carrier {
  return async (from, to) => {
    const buffer = new Uint8Array(BUFFER);
    for (;;) {
      let most = buffer.length;
      if (Number.isFinite(bytesPerSecond())) {
        const begun = performance.now();
        await new Promise((resolve) => setTimeout(resolve, TICK));
        most = Math.floor(bytesPerSecond() * Math.min(performance.now() - begun, LATEST) / 1000);
      }
      if (most === 0) continue;
      const length = await from.read(buffer.subarray(0, Math.min(buffer.length, most)));
      if (length === null) return;
      await writeAll(to, buffer.subarray(0, length));
    }
  };
}

async function writeAll(to: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await to.write(bytes.subarray(sent));
}

/** The words of a protocol in the clear. */
export function wordsOf(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

/** A row of `databases`, for a configuration, that leads through a link: in the clear, since the link reads along. */
export function databaseBehind({ port }: Link, { name }: { readonly name: string }): string {
  return `{ name: ${name}, host: 127.0.0.1, port: ${port}, ssl_mode: disabled }`;
}
