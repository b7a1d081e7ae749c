import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Clock } from "../../clock.ts";
import { isLoopback, type ListenConfig, listenText } from "../../config/mod.ts";
import { isAccepting } from "./acceptance.ts";
import { cookieName, type Door } from "./caller.ts";
import { type ClientSocket, Connections } from "./connections.ts";
import { HostList } from "./hosts.ts";
import { LIMITS, type Limits } from "./limits.ts";
import { ListenError, listenError } from "./listen_error.ts";
import { loginApp } from "./login.ts";
import { surviveFullTable } from "./old_runtime.ts";
import { Rate } from "./rate.ts";
import { answerUnreadable } from "./unreadable.ts";
import { showsConnections } from "./runtime.ts";
import { type Fetch, requestListener } from "./serve.ts";
import { Keeper } from "./session.ts";
import { FLEET_SITE, type Site } from "./site.ts";

export interface HttpServerOptions {
  readonly fetch: Fetch;
  /** What is served; the state of a fleet unless told. */
  readonly site?: Site;
  readonly clock: Clock;
  /** Makes something that is different each time. */
  newId(): string;
  readonly limits?: Limits;
  /** Is told the status of each answer, also of a refusal, when it was sent. */
  answered?(status: number): void;
  /** How many connections may be open; those of the limits unless told. */
  readonly connections?: number;
}

/** How often the times of connections are looked at, in milliseconds. */
const SWEEP = 250;
/** How often to see whether connections are accepted, and when to try again where the address cannot be had. */
const CHECK = 5_000;
const SECOND = 1_000;

/** Serves an application over HTTP or HTTPS, on one address. */
export class HttpServer {
  readonly #connections: Connections;
  readonly #limits: Limits;
  readonly #mostConnections: number;
  readonly #clock: Clock;
  readonly #answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void;
  readonly #rate: Rate;
  readonly #ends: (() => void)[] = [];
  readonly #keepsLimits: boolean;
  readonly #site: Site;
  #accepted = 0;
  #hasEnded = false;
  #again: ReturnType<typeof setTimeout> | undefined;
  #server: Server;
  #config: ListenConfig;
  #hosts: HostList;
  #door: Door;

  private constructor(
    config: ListenConfig,
    options: HttpServerOptions,
    keepsLimits: boolean,
  ) {
    const { fetch, clock, newId, answered, limits = LIMITS, connections = limits.connections } = options;
    const { site = FLEET_SITE } = options;
    this.#site = site;
    this.#config = config;
    this.#keepsLimits = keepsLimits;
    this.#limits = limits;
    this.#mostConnections = connections;
    this.#clock = clock;
    this.#hosts = new HostList(config, site);
    this.#door = doorOf(config);
    this.#connections = new Connections(limits, clock.now);
    const login = site.hasLogin
      ? loginApp({ door: () => this.#door, hasTls: config.hasTls, wall: clock.wall, newId })
      : () => undefined;
    this.#rate = new Rate(limits.rate, clock.now());
    this.#answer = requestListener({
      fetch: (request, env) => login(request) ?? fetch(request, env),
      site,
      limits,
      rate: new Rate(limits.rate, clock.now()),
      now: clock.now,
      wall: clock.wall,
      door: () => this.#door,
      hosts: () => this.#hosts,
      ...answered !== undefined && { answered },
      streams: ({ socket }) => socket && this.#connections.streams(socket),
    });
    this.#server = this.#newServer();
    const sweeping = setInterval(() => this.#connections.sweep(), SWEEP);
    this.#ends.push(() => clearInterval(sweeping));
    if (!keepsLimits) this.#ends.push(surviveFullTable(() => this.#listenAgain()));
    else this.#ends.push(this.#checkAcceptance());
  }

  /** Listens anew where no connection is accepted any more. */
  #checkAcceptance(): () => void {
    const check = async () => {
      const server = this.#server;
      if (!server.listening || await isAccepting(this.#config.address, () => this.#accepted)) return;
      if (server === this.#server) this.#listenAgain();
    };
    const timer = setInterval(() => void check(), CHECK);
    return () => clearInterval(timer);
  }

  #newServer(): Server {
    const server = newServer(this.#config, { ...this.#limits, connections: this.#mostConnections });
    // An error without a listener would end the program.
    server.on("error", () => {});
    const serve = (incoming: IncomingMessage, outgoing: ServerResponse) => {
      const socket: ClientSocket = incoming.socket;
      if (this.#connections.asked(socket, outgoing) > this.#limits.pipelined) return void socket.destroy();
      outgoing.on("close", () => this.#connections.answered(socket, outgoing));
      try {
        this.#answer(incoming, outgoing);
      } catch {
        // Nobody else would catch it, and the program would end.
        socket.destroy();
      }
    };
    // Without these the runtime answers requests that expect something, before anybody has looked at them.
    for (const event of ["request", "checkContinue", "checkExpectation"]) server.on(event, serve);
    server.on("connection", (socket) => {
      this.#accepted++;
      if (!this.#rate.take(this.#clock.now())) return void socket.destroy();
      this.#connections.opened(socket, { encrypts: this.#config.hasTls });
    });
    server.on("secureConnection", (socket) => this.#connections.secured(socket));
    server.on("clientError", answerUnreadable);
    server.on("upgrade", (_request, socket) => answerUnreadable({ code: "UPGRADE" }, socket));
    server.on("connect", (_request, socket) => answerUnreadable({ code: "CONNECT" }, socket));
    return server;
  }

  /** What has ended was a server without a free file handle. Open connections go on. */
  #listenAgain(): void {
    if (this.#hasEnded) return;
    this.#server.close();
    this.#server = this.#newServer();
    this.#bind().catch(() => this.#again = setTimeout(() => this.#listenAgain(), SECOND));
  }

  /**
   * Listens.
   * @throws {ListenError} If that is not possible there, or not safe.
   */
  static async listen(config: ListenConfig, options: HttpServerOptions): Promise<HttpServer> {
    const address = listenText(config.address);
    if (config.hasToken && config.token === undefined || config.hasTls && config.tls === undefined) {
      throw new ListenError(`cannot listen on ${address}: its token or its TLS files were not read`);
    }
    const keepsLimits = await showsConnections();
    const { isForProbes } = options.site ?? FLEET_SITE;
    if (!keepsLimits && ((!isLoopback(config.address.host) && !isForProbes) || config.hasTls)) {
      throw new ListenError(
        `cannot listen on ${address}: this runtime, Deno ${Deno.version.deno}, keeps no limits of time and ` +
          "connections, and serves TLS in a way of its own: listen on 127.0.0.1 without TLS, or use Deno 2.9 or later",
      );
    }
    const server = new HttpServer(config, options, keepsLimits);
    try {
      await server.#bind();
    } catch (error) {
      void server.close();
      throw listenError(address, error);
    }
    return server;
  }

  #bind(): Promise<void> {
    const { host, port } = this.#config.address;
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off("error", reject);
        if (this.#hasEnded) return resolve(void this.#server.close());
        const address = { host, port: (this.#server.address() as AddressInfo).port };
        this.#config = { ...this.#config, address };
        this.#door = doorOf(this.#config);
        resolve();
      });
    });
  }

  /** What is served, with the true port. */
  get config(): ListenConfig {
    return this.#config;
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

  /** Continues with other names and other tokens; the address and TLS stay. */
  adopt({ hosts, token, moreTokens, hasToken }: ListenConfig): void {
    const { address, tls, hasTls, hasClientCertificates } = this.#config;
    this.#config = {
      ...{ address, hosts, hasToken, hasTls, hasClientCertificates },
      ...token !== undefined && { token },
      ...moreTokens !== undefined && { moreTokens },
      ...tls !== undefined && { tls },
    };
    this.#hosts = new HostList(this.#config, this.#site);
    this.#door = doorOf(this.#config);
  }

  /** Stops listening, and ends all connections at once. Settles when the address is free, or should be. */
  close(): Promise<void> {
    this.#hasEnded = true;
    for (const end of this.#ends) end();
    clearTimeout(this.#again);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, SECOND);
      this.#server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      this.#connections.end();
      this.#server.closeAllConnections();
    });
  }
}

function newServer({ tls }: ListenConfig, limits: Limits): Server {
  const options: ServerOptions = {
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.head,
    requestTimeout: limits.head + limits.bodyTime,
    keepAliveTimeout: limits.head,
    connectionsCheckingInterval: 1_000,
    requireHostHeader: false,
  };
  const server = tls === undefined ? createServer(options) : createTlsServer({
    ...options,
    cert: tls.cert,
    key: tls.key.reveal(),
    minVersion: "TLSv1.2",
    ALPNProtocols: ["http/1.1"],
    handshakeTimeout: limits.handshake,
    ...tls.clientCa !== undefined && { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true },
  });
  server.maxConnections = limits.connections;
  // One more than is served, so that more are seen: the parser leaves the rest out.
  server.maxHeadersCount = limits.headers + 1;
  return server;
}

function doorOf(config: ListenConfig): Door {
  return {
    cookie: cookieName(config),
    needsCertificate: config.hasClientCertificates,
    ...config.token !== undefined && { keeper: new Keeper(config.token, config.moreTokens ?? []) },
  };
}
