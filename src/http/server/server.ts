import type { Clock } from "../../clock.ts";
import { type ListenConfig, listenText } from "../../config/mod.ts";
import { cookieName, type Door } from "./caller.ts";
import { GuardedServer } from "./guarded_server.ts";
import { HostList } from "./hosts.ts";
import { LIMITS, type Limits } from "./limits.ts";
import { ListenError } from "./listen_error.ts";
import { loginApp } from "./login.ts";
import { Rate } from "./rate.ts";
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

/** Serves an application over HTTP or HTTPS, on one address. */
export class HttpServer {
  readonly #site: Site;
  #server!: GuardedServer;
  #config: ListenConfig;
  #hosts: HostList;
  #door: Door;

  private constructor(config: ListenConfig, { site = FLEET_SITE }: HttpServerOptions) {
    this.#site = site;
    this.#config = config;
    this.#hosts = new HostList(config, site);
    this.#door = doorOf(config);
  }

  /**
   * Listens.
   * @throws {ListenError} If that is not possible there, or not safe.
   */
  static async listen(config: ListenConfig, options: HttpServerOptions): Promise<HttpServer> {
    if (config.hasToken && config.token === undefined || config.hasTls && config.tls === undefined) {
      const address = listenText(config.address);
      throw new ListenError(`cannot listen on ${address}: its token or its TLS files were not read`);
    }
    const server = new HttpServer(config, options);
    await server.#listen(options);
    return server;
  }

  async #listen(options: HttpServerOptions): Promise<void> {
    const { fetch, clock, newId, answered, limits = LIMITS, connections } = options;
    const site = this.#site;
    const login = site.hasLogin
      ? loginApp({ door: () => this.#door, hasTls: this.#config.hasTls, wall: clock.wall, newId })
      : () => undefined;
    const serve = requestListener({
      fetch: (request, env) => login(request) ?? fetch(request, env),
      site,
      limits,
      rate: new Rate(limits.rate, clock.now()),
      now: clock.now,
      wall: clock.wall,
      door: () => this.#door,
      hosts: () => this.#hosts,
      ...answered !== undefined && { answered },
      streams: (outgoing) => this.#server.streams(outgoing),
    });
    this.#server = await GuardedServer.listen(this.#config, {
      ...{ serve, site, clock, limits },
      ...connections !== undefined && { connections },
    });
    this.#config = { ...this.#config, address: this.#server.address };
    this.#door = doorOf(this.#config);
  }

  /** What is served, with the true port. */
  get config(): ListenConfig {
    return this.#config;
  }

  /** Whether the limits of time and connections are kept. */
  get keepsLimits(): boolean {
    return this.#server.keepsLimits;
  }

  /** How many connections are open, and how many may be. */
  get openConnections(): number {
    return this.#server.openConnections;
  }
  get mostConnections(): number {
    return this.#server.mostConnections;
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
    return this.#server.close();
  }
}

function doorOf(config: ListenConfig): Door {
  return {
    cookie: cookieName(config),
    needsCertificate: config.hasClientCertificates,
    ...config.token !== undefined && { keeper: new Keeper(config.token, config.moreTokens ?? []) },
  };
}
