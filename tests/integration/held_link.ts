import type { LabServer } from "../lab/mod.ts";

/**
 * Where a conversation breaks off, on the connection that asks for the first kill: the kill does not reach
 * the server · its answer does not come back · the answer does, and nothing that is asked after it arrives.
 */
export type Moment = "before the kill" | "before its answer" | "after its answer";

/** A forwarder on loopback that holds a program at a moment of its first kill, so that no timing matters. */
export interface HeldLink extends AsyncDisposable {
  /** A row of `databases`, for a configuration: in the clear, since the link reads along. */
  readonly database: string;
  /** Resolves when the moment has come. From then on the link takes no new connections. */
  readonly held: Promise<void>;
  /** How many kills went through to the server so far. */
  readonly kills: number;
  /** Takes new connections again, and lets everything through. */
  restore(): void;
}

/** Starts a link to a server. */
export function startHeldLink(server: LabServer, moment: Moment): HeldLink {
  return new Link(server, moment);
}

/** How far a connection has come: up to `held` its kill was forwarded, answered, or not even that. */
type Stage = "plain" | "asked" | "answered" | "held";

class Link implements HeldLink {
  readonly held: Promise<void>;
  readonly #server: LabServer;
  readonly #moment: Moment;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<Deno.TcpConn>();
  readonly #accepting: Promise<void>;
  #hold: () => void = () => {};
  #kills = 0;
  #isOver = false;
  #isDown = false;

  constructor(server: LabServer, moment: Moment) {
    this.#server = server;
    this.#moment = moment;
    this.held = new Promise((resolve) => this.#hold = resolve);
    this.#accepting = this.#accept();
  }

  get database(): string {
    const { port } = this.#listener.addr;
    return `{ name: ${this.#server.name}, host: 127.0.0.1, port: ${port}, ssl_mode: disabled }`;
  }

  get kills(): number {
    return this.#kills;
  }

  restore(): void {
    this.#isDown = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.#close([...this.#open]);
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    try {
      for await (const client of this.#listener) {
        this.#open.add(client);
        void this.#converse(client);
      }
    } catch {
      // The listener was closed amid its wait.
    }
  }

  async #converse(client: Deno.TcpConn): Promise<void> {
    const ends = [client];
    try {
      if (this.#isDown) return;
      const server = await Deno.connect({ hostname: this.#server.host, port: this.#server.port });
      ends.push(server);
      this.#open.add(server);
      let stage: Stage = "plain";
      const pass = (isToServer: boolean) => (bytes: Uint8Array): boolean => {
        stage = this.#next(stage, isToServer, bytes);
        return stage !== "held";
      };
      // One end that hangs up takes the other with it, also while what the other says is held.
      await Promise.race([forward(client, server, pass(true)), forward(server, client, pass(false))]);
    } catch {
      // The server is down, or one of the ends is gone.
    } finally {
      this.#close(ends);
    }
  }

  /** The stage of a connection after what was said on it just now. */
  #next(stage: Stage, isToServer: boolean, bytes: Uint8Array): Stage {
    if (stage === "held") return stage;
    const isKill = isToServer && /KILL (QUERY|CONNECTION) /.test(new TextDecoder("latin1").decode(bytes));
    const isFirst = isKill && !this.#isOver;
    const isMoment = (isFirst && this.#moment === "before the kill") ||
      (stage === "asked" && !isToServer && this.#moment === "before its answer") ||
      (stage === "answered" && isToServer);
    if (isMoment) {
      this.#isDown = true;
      this.#hold();
    } else if (isKill) this.#kills++;
    if (isFirst) this.#isOver = true;
    if (isMoment) return "held";
    if (isFirst) return "asked";
    return stage === "asked" && !isToServer ? "answered" : stage;
  }

  #close(connections: readonly Deno.TcpConn[]): void {
    for (const connection of connections) if (this.#open.delete(connection)) connection.close();
  }
}

/** Forwards what passes until an end closes; what does not pass is read and dropped. */
async function forward(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  pass: (bytes: Uint8Array) => boolean,
): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const length = await from.read(buffer);
    if (length === null) return;
    const bytes = buffer.subarray(0, length);
    if (!pass(bytes)) continue;
    for (let sent = 0; sent < length;) sent += await to.write(bytes.subarray(sent));
  }
}
