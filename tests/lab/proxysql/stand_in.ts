/**
 * A stand-in for ProxySQL's admin interface: `node:net` and `node:sqlite`, with the answers that a real ProxySQL 2.7.2
 * gave. It has no TLS, no compression, and not the values of all of the real one's tables.
 */

import { Buffer } from "node:buffer";
import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { type AdminUser, answer } from "./admin_statement.ts";
import {
  framed,
  greeting,
  PacketReader,
  passwordToken,
  payloadsOf,
  readLogin,
  type Reply,
} from "./packet.ts";
import { type ProxyOptions, ProxyState } from "./proxy_state.ts";

/** Who may log in. */
export const ADMIN = { user: "radmin", password: "radmin" };
export const STATS = { user: "stats", password: "stats" };

/** How it misbehaves. */
export interface Behaviour {
  /** As a process that is stopped: connections are taken, and never greeted; nothing is answered. */
  frozen: boolean;
  /** Connections are greeted, and no login is answered: it was stopped just then. */
  deaf: boolean;
  /** Statements are never answered, but pings are: its mutex is held. */
  silent: boolean;
  /** How long each statement takes, in milliseconds. One waits for the other, whatever the connection. */
  slow: number;
  /** PAUSE and RESUME have two answers, as in ProxySQL 3.0. */
  twice: boolean;
  /** How long PAUSE takes, in milliseconds. */
  pauseMs: number;
}

export class ProxysqlStandIn extends ProxyState implements AsyncDisposable {
  readonly behaviour: Behaviour = {
    frozen: false,
    deaf: false,
    silent: false,
    slow: 0,
    twice: false,
    pauseMs: 0,
  };
  /** Connections so far. */
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  /** One statement at a time. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(options: ProxyOptions) {
    super(options);
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Starts one on a free port of the loopback interface. */
  static async start(options: ProxyOptions & { readonly port?: number } = {}): Promise<ProxysqlStandIn> {
    const proxy = new ProxysqlStandIn(options);
    await proxy.listen(options.port ?? 0);
    return proxy;
  }

  /** Listens, again after a crash: on the port that it had. */
  async listen(port: number = this.#port): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  get port(): number {
    return this.#port;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Connections that are open. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Whether it listens. */
  get isUp(): boolean {
    return this.#server.listening;
  }

  /** Ends as a process does: every connection is lost, and nothing listens. */
  async crash(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isUp) await this.crash();
    this.tables.close();
  }

  #serve(socket: Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => {});
    const scramble = Buffer.from(crypto.getRandomValues(new Uint8Array(20)).map((byte) => byte % 127 + 1));
    const reader = new PacketReader();
    let who: AdminUser | undefined;
    socket.on("data", (bytes: Buffer) => {
      for (const { sequence, payload } of reader.read(bytes)) {
        if (this.behaviour.frozen) continue;
        if (this.behaviour.deaf && who === undefined) continue;
        if (who !== undefined) this.#command(socket, who, payload);
        else {
          who = this.#login(payload, scramble);
          const { user } = readLogin(payload);
          const using = readLogin(payload).token.length > 0 ? "YES" : "NO";
          const reply: Reply = who !== undefined ? { kind: "ok" } : {
            kind: "error",
            message:
              `ProxySQL Error: Access denied for user '${user}'@'127.0.0.1' (using password: ${using})`,
          };
          send(socket, reply, sequence + 1);
          if (who === undefined) socket.end();
        }
      }
    });
    if (!this.behaviour.frozen) {
      socket.write(framed(0, greeting(scramble, this.variable("mysql-server_version")!)));
    }
  }

  #login(payload: Buffer, scramble: Buffer): AdminUser | undefined {
    const { user, token } = readLogin(payload);
    const account = [ADMIN, STATS].find((each) => each.user === user);
    if (account === undefined || !passwordToken(account.password, scramble).equals(token)) return undefined;
    return { user, admin: account === ADMIN };
  }

  #command(socket: Socket, who: AdminUser, payload: Buffer): void {
    const [command] = payload;
    const reply = COMMANDS[command!];
    if (command === 3) {
      const sql = payload.toString("utf8", 1);
      this.statements.push(sql);
      this.#last = this.#last.then(() => this.#statement(socket, who, sql)).catch(() => socket.destroy());
    } else if (command === 1) socket.end();
    else if (reply !== undefined) {
      send(socket, reply, reply.kind === "error" ? reply.sequence ?? 1 : 1);
    }
  }

  async #statement(socket: Socket, who: AdminUser, sql: string): Promise<void> {
    const { slow, pauseMs, twice, silent } = this.behaviour;
    if (silent) return;
    const isPause = /^\s*proxysql (?:pause|resume)/i.test(sql);
    const wait = slow + (isPause ? pauseMs : 0);
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    if (this.behaviour.frozen || this.behaviour.silent) return;
    const reply = answer(sql, who, this);
    if (reply.kind === "crash") return await this.crash();
    send(socket, reply, 1);
    if (isPause && twice && reply.kind === "ok") send(socket, reply, 1);
  }
}

/** What is answered to commands other than statements; to COM_CHANGE_USER (17) nothing is. */
const COMMANDS: Readonly<Record<number, Reply>> = {
  2: { kind: "ok" },
  14: { kind: "ok" },
  22: { kind: "error", message: "Command not supported" },
  31: {
    kind: "error",
    code: 1047,
    sequence: 2,
    message: "Received unsupported 'COM_RESET_CONNECTION' for session type 'PROXYSQL_SESSION_ADMIN'",
  },
};

function send(socket: Socket, reply: Reply, sequence: number): void {
  if (socket.destroyed) return;
  const payloads = payloadsOf(reply);
  socket.write(Buffer.concat(payloads.map((payload, at) => framed((sequence + at) & 255, payload))));
}
