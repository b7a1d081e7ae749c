import type { Clock } from "../clock.ts";
import { type ListenConfig, listenText, type WatchedDatabase } from "../config/mod.ts";
import type { EventStream } from "../events/mod.ts";
import type { HttpContext, HttpServer } from "../http/mod.ts";
import { type LookObserver, Pauses } from "../watch/mod.ts";
import type { AppConfig } from "./app_config.ts";
import { accessOf, CAVEAT, hasSameDoor, hasSameSocket } from "./served.ts";
import type { SharedState } from "./shared.ts";
import { StartError } from "./start_error.ts";

export interface KeptHttpOptions {
  readonly version: string;
  readonly clock: Clock;
  readonly stream: EventStream;
  readonly once: boolean;
}

/** What is served. It stays the same when the address changes. */
interface Site {
  readonly context: HttpContext;
  /** Serves it on one more address. */
  serve(listen: ListenConfig, options: { readonly connecting: number }): Promise<HttpServer>;
}

/** What `run` serves over HTTP, if it listens: without `listen` the code for it is not even loaded. */
export class KeptHttp {
  readonly #options: KeptHttpOptions;
  readonly #started: number;
  #running: AppConfig | undefined;
  /** Undefined until watchers are started. */
  #shared: SharedState | undefined;
  #site: Site | undefined;
  #server: HttpServer | undefined;
  /** What it was made for: the server itself knows its true port. */
  #listen: ListenConfig | undefined;
  /** One reload after the other. */
  #last: Promise<void> = Promise.resolve();
  #hasEnded = false;

  constructor(options: KeptHttpOptions) {
    this.#options = options;
    this.#started = options.clock.wall();
  }

  /** Is told of each look, which does not fail, whatever is shown of it. */
  readonly observer: LookObserver = (database, seen) => {
    try {
      this.#site?.context.fleet.looked(database, seen);
    } catch {
      // What is shown is old then, and says so by its time.
    }
  };

  /**
   * Listens, before any database is connected to.
   * @throws {StartError} If that is not possible.
   */
  async start(running: AppConfig): Promise<void> {
    this.#running = running;
    const { config: { listen }, databases } = running;
    if (listen === undefined || this.#options.once) return;
    try {
      await this.#serve(listen, connectionsOf(databases));
    } catch (error) {
      throw new StartError((error as Error).message, { cause: error });
    }
  }

  /** What all watchers share, from now on. */
  use(shared: SharedState): void {
    this.#shared = shared;
  }

  /** Tells where it listens, if it does. */
  tell(): void {
    if (this.#server === undefined) return;
    const { keepsLimits, config: { address, hasTls }, mostConnections } = this.#server;
    this.#options.stream.emit({
      event: "http",
      state: "listening",
      address: listenText(address),
      access: accessOf(this.#server.config),
      tls: hasTls,
      connections: mostConnections,
      ...!keepsLimits && { caveat: CAVEAT },
    });
  }

  /** Continues with another configuration. What cannot be served is told, and what was served before goes on. */
  adopt(running: AppConfig): Promise<void> {
    this.#running = running;
    return this.#last = this.#last.then(() => this.#adopt(running));
  }

  async #adopt({ config: { listen }, databases }: AppConfig): Promise<void> {
    if (this.#hasEnded || this.#options.once) return;
    this.#site?.context.fleet.adopt(databases);
    const before = this.#listen;
    if (listen === undefined) return this.#stop();
    if (before === undefined) return void await this.#try(listen);
    if (!hasSameSocket(before, listen)) return await this.#move(before, listen);
    if (hasSameDoor(before, listen)) return;
    // Those who showed the old token are not told anything any more.
    this.#site?.context.streams.end();
    this.#server?.adopt(listen);
    this.#listen = listen;
    this.tell();
  }

  /** Another address, or other certificates. */
  async #move(before: ListenConfig, listen: ListenConfig): Promise<void> {
    const old = this.#server;
    const isSame = listenText(before.address) === listenText(listen.address);
    if (isSame) await old?.close();
    const isServed = await this.#try(listen);
    if (isServed && !isSame) void old?.close();
    if (!isServed && isSame && !await this.#try(before)) this.#stop();
  }

  /** Listens; returns false, and tells, where that is not possible. */
  async #try(listen: ListenConfig): Promise<boolean> {
    try {
      await this.#serve(listen, 0);
      this.tell();
      return true;
    } catch (error) {
      const { message } = error as Error;
      this.#options.stream.emit({
        ...{ event: "http", state: "refused" },
        address: listenText(listen.address),
        reason: message,
      });
      if (this.#listen === undefined) this.#leave();
      return false;
    }
  }

  async #serve(listen: ListenConfig, connecting: number): Promise<void> {
    const site = this.#site ??= await newSite({
      ...this.#options,
      started: this.#started,
      running: () => this.#running!,
      shared: () => this.#shared,
    });
    const server = await site.serve(listen, { connecting });
    if (this.#hasEnded) return await server.close();
    [this.#server, this.#listen] = [server, listen];
  }

  #stop(): void {
    if (this.#server === undefined) return;
    const { address } = this.#server.config;
    void this.#server.close();
    this.#leave();
    this.#options.stream.emit({ event: "http", state: "stopped", address: listenText(address) });
  }

  /** Forgets what nobody is shown any more. */
  #leave(): void {
    this.#site?.context.streams.end();
    this.#site?.context.fleet.end();
    this.#site = this.#server = this.#listen = undefined;
  }

  /** Ends it, and all connections at once. */
  end(): void {
    this.#hasEnded = true;
    void this.#server?.close();
    this.#leave();
  }
}

/** How many connections databases take: to look, to kill, for metrics, and for the others while one of these is slow. */
function connectionsOf(databases: readonly WatchedDatabase[]): number {
  return databases.reduce((sum, { rules: { mode, metrics } }) => {
    return sum + (mode === "enforce" ? 2 : 1) + (Object.keys(metrics).length > 0 ? 2 : 0);
  }, 0);
}

interface SiteOptions extends KeptHttpOptions {
  readonly started: number;
  running(): AppConfig;
  shared(): SharedState | undefined;
}

async function newSite({ version, clock, stream, started, running, shared }: SiteOptions): Promise<Site> {
  const http = await import("../http/mod.ts");
  const { Fleet, httpApp, HttpServer, RequestCounts, Streams, LIMITS, shareOfHandles } = http;
  const fleet = new Fleet({ clock, stream });
  fleet.adopt(running().databases);
  const streams = new Streams();
  const context: HttpContext = {
    ...{ version, clock, fleet, started, streams },
    config: () => running().config,
    pauses: () => shared()?.pause ?? new Pauses(running().config.pause, { clock }),
    journalUsable: () => shared()?.journal?.isUsable(),
    dropped: () => stream.dropped,
  };
  const requests = new RequestCounts();
  const app = httpApp(context, requests);
  return {
    context,
    async serve(listen, { connecting }) {
      const { connections, lacking } = shareOfHandles(connecting, { limits: LIMITS });
      if (connections === undefined) {
        throw new Error(
          `cannot listen on ${listenText(listen.address)}: databases need the file handles: ` +
            `${lacking} more are needed, raise the limit (ulimit -n, LimitNOFILE)`,
        );
      }
      return await HttpServer.listen(listen, {
        fetch: app.fetch,
        answered: (status) => requests.add(status),
        clock,
        newId: () => crypto.randomUUID(),
        connections,
      });
    },
  };
}
