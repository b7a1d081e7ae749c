import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../../clock.ts";
import { isLoopback, type ListenAddress, type ListenConfig, listenText } from "../../config/mod.ts";
import { isAccepting } from "./acceptance.ts";
import { type ClientSocket, Connections } from "./connections.ts";
import { Deadlines } from "./deadlines.ts";
import { isEnding } from "./last_answer.ts";
import type { Limits } from "./limits.ts";
import { ListenError, listenError } from "./listen_error.ts";
import { newServer } from "./new_server.ts";
import { surviveFullTable } from "./old_runtime.ts";
import { Rate } from "./rate.ts";
import { refuse } from "./refuse.ts";
import { showsConnections } from "./runtime.ts";
import type { Site } from "./site.ts";
import { answerUnreadable, type Unreadable } from "./unreadable.ts";

/** @param deadlines For what has to be done in time. */
export type Serve = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  deadlines: Deadlines,
) => void | Promise<void>;

export interface GuardedServerOptions {
  /** Answers a request, of one connection one after the other. Where it fails, the connection ends. */
  serve: Serve;
  readonly site: Pick<Site, "bodyOf" | "isForProbes">;
  readonly clock: Clock;
  readonly limits: Limits;
  /** How many connections may be open; those of the limits unless told. */
  readonly connections?: number;
  /** Is told that it had accepted no connection, and listens again. */
  listensAgain?(): void;
}

/** How often the times of connections are looked at, in milliseconds. */
const SWEEP = 250;
/** How often to see whether connections are accepted, and when to try again where the address cannot be had. */
const CHECK = 5_000;
const SECOND = 1_000;

/** A server on one address, with the guards that are needed whatever it serves: of connections, their times and their turns. */
export class GuardedServer {
  readonly #options: GuardedServerOptions;
  readonly #tls: Pick<ListenConfig, "hasTls" | "tls">;
  readonly #connections: Connections;
  readonly #deadlines: Deadlines;
  /** Requests that wait for the one before them. */
  readonly #waiting = new WeakMap<ClientSocket, (() => void)[]>();
  readonly #mostConnections: number;
  readonly #rate: Rate;
  readonly #ends: (() => void)[] = [];
  readonly #keepsLimits: boolean;
  #underWay = 0;
  #accepted = 0;
  #hasEnded = false;
  #again: ReturnType<typeof setTimeout> | undefined;
  #server: Server;
  #address: ListenAddress;

  private constructor(
    { address, ...tls }: ListenConfig,
    options: GuardedServerOptions,
    keepsLimits: boolean,
  ) {
    const { limits, clock, connections = limits.connections } = options;
    this.#options = options;
    this.#address = address;
    this.#tls = tls;
    this.#keepsLimits = keepsLimits;
    this.#mostConnections = connections;
    this.#connections = new Connections(limits, clock.now);
    this.#deadlines = new Deadlines(clock.now);
    this.#rate = new Rate(limits.rate, clock.now());
    this.#server = this.#newServer();
    const sweeping = setInterval(() => this.#sweep(), SWEEP);
    this.#ends.push(() => clearInterval(sweeping));
    if (!keepsLimits) this.#ends.push(surviveFullTable(() => this.#listenAgain()));
    else this.#ends.push(this.#checkAcceptance());
  }

  /**
   * Listens.
   * @throws {ListenError} If that is not possible there, or not safe.
   */
  static async listen(config: ListenConfig, options: GuardedServerOptions): Promise<GuardedServer> {
    const address = listenText(config.address);
    const keepsLimits = await showsConnections();
    const { isForProbes } = options.site;
    if (!keepsLimits && ((!isLoopback(config.address.host) && !isForProbes) || config.hasTls)) {
      throw new ListenError(
        `cannot listen on ${address}: this runtime, Deno ${Deno.version.deno}, keeps no limits of time and ` +
          "connections, and serves TLS in a way of its own: listen on 127.0.0.1 without TLS, or use Deno 2.9 or later",
      );
    }
    const server = new GuardedServer(config, options, keepsLimits);
    try {
      await server.#bind();
    } catch (error) {
      void server.close();
      throw listenError(address, error);
    }
    return server;
  }

  /** Where it listens, with the true port. */
  get address(): ListenAddress {
    return this.#address;
  }

  /** Whether the limits of time and connections are kept. */
  get keepsLimits(): boolean {
    return this.#keepsLimits;
  }

  /** How many connections are open, and how many may be. */
  get openConnections(): number {
    return this.#connections.size;
  }
  get mostConnections(): number {
    return this.#mostConnections;
  }

  /** What is being answered has no end. */
  streams({ socket }: Pick<ServerResponse, "socket">): void {
    if (socket !== null) this.#connections.streams(socket);
  }

  /** Stops listening, and ends all connections at once. Settles when the address is free, or should be. */
  close(): Promise<void> {
    return this.#close(SECOND, () => {
      this.#connections.end();
      this.#server.closeAllConnections();
    });
  }

  /** Stops listening, waits for the requests under way for at most so long, in milliseconds, and hangs up. */
  async drain(milliseconds: number): Promise<void> {
    await this.#close(milliseconds, () => this.#server.closeIdleConnections());
    await this.close();
  }

  /** Deno 2.4 may never say that it is closed. */
  #close(patience: number, end: () => void): Promise<void> {
    this.#hasEnded = true;
    for (const end of this.#ends.splice(0)) end();
    clearTimeout(this.#again);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patience);
      this.#server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      end();
    });
  }

  #sweep(): void {
    this.#connections.sweep();
    this.#deadlines.sweep();
  }

  /** Listens anew where no connection is accepted any more. */
  #checkAcceptance(): () => void {
    const check = async () => {
      const server = this.#server;
      if (!server.listening || await isAccepting(this.#address, () => this.#accepted)) return;
      if (server === this.#server) this.#listenAgain();
    };
    const timer = setInterval(() => void check(), CHECK);
    return () => clearInterval(timer);
  }

  #newServer(): Server {
    const { limits, site } = this.#options;
    const server = newServer(this.#tls, { ...limits, connections: this.#mostConnections });
    // An error without a listener would end the program.
    server.on("error", () => {});
    const asked = (incoming: IncomingMessage, outgoing: ServerResponse) => this.#asked(incoming, outgoing);
    // Without these the runtime answers requests that expect something, before anybody has looked at them.
    for (const event of ["request", "checkContinue", "checkExpectation"]) server.on(event, asked);
    server.on("connection", (socket) => {
      this.#accepted++;
      if (!this.#rate.take(this.#options.clock.now())) return void socket.destroy();
      this.#connections.opened(socket, { encrypts: this.#tls.hasTls });
    });
    server.on("secureConnection", (socket) => this.#connections.secured(socket));
    server.on("clientError", (error: Unreadable, socket) => answerUnreadable(error, socket, site));
    server.on("upgrade", (_request, socket) => answerUnreadable({ code: "UPGRADE" }, socket, site));
    server.on("connect", (_request, socket) => answerUnreadable({ code: "CONNECT" }, socket, site));
    return server;
  }

  /** Serves a request, once those before it of its connection are answered: what they do is done in their order. */
  #asked(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const socket: ClientSocket = incoming.socket;
    // Without listeners their errors would end the program.
    incoming.on("error", () => {});
    outgoing.on("error", () => {});
    const open = this.#connections.asked(socket, outgoing);
    if (open > this.#options.limits.pipelined) return void socket.destroy();
    this.#underWay++;
    outgoing.on("close", () => {
      this.#underWay--;
      this.#connections.answered(socket, outgoing);
      this.#waiting.get(socket)?.shift()?.();
    });
    if (open === 1) return void this.#serve(incoming, outgoing);
    const waiting = this.#waiting.get(socket) ?? [];
    waiting.push(() => void this.#serve(incoming, outgoing));
    this.#waiting.set(socket, waiting);
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { socket } = incoming;
    // What stands behind a request that was answered for the last time may be a part of it.
    if (socket.destroyed || isEnding(socket)) return;
    try {
      // Where connections are not seen, requests are counted in place of them.
      if (!this.#keepsLimits && this.#underWay > this.#mostConnections) {
        const refusal = {
          status: 503,
          error: "There are too many requests",
          headers: { "retry-after": "1" },
        };
        return refuse(refusal, { incoming, outgoing, site: this.#options.site });
      }
      await this.#options.serve(incoming, outgoing, this.#deadlines);
    } catch {
      // Nobody else would catch it, and the program would end.
      outgoing.destroy();
      socket.destroy();
    }
  }

  /** What has ended was a server without a free file handle. Open connections go on. */
  #listenAgain(): void {
    if (this.#hasEnded) return;
    this.#server.close();
    this.#server = this.#newServer();
    this.#bind().then(
      () => this.#hasEnded || this.#options.listensAgain?.(),
      () => this.#again = setTimeout(() => this.#listenAgain(), SECOND),
    );
  }

  #bind(): Promise<void> {
    const { host, port } = this.#address;
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, () => {
        server.off("error", reject);
        if (this.#hasEnded) return resolve(void server.close());
        this.#address = { host, port: (server.address() as AddressInfo).port };
        resolve();
      });
    });
  }
}
