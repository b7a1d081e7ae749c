import type { Clock } from "../clock.ts";
import { type ListenConfig, listenText, type WatchedDatabase } from "../config/mod.ts";
import type { EventStream } from "../events/mod.ts";
import type { HttpContext, HttpServer } from "../http/mod.ts";
import { type LookObserver, Pauses } from "../watch/mod.ts";
import type { AppConfig } from "./app_config.ts";
import { HttpListener } from "./http_listener.ts";
import type { SharedState } from "./shared.ts";

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
  /** Connections that are still to be made when it begins to listen. */
  #connecting = 0;
  readonly #listener: HttpListener;
  #hasEnded = false;

  constructor(options: KeptHttpOptions) {
    this.#options = options;
    this.#started = options.clock.wall();
    this.#listener = new HttpListener({
      stream: options.stream,
      open: (listen) => this.#open(listen),
      shut: () => this.#site?.context.streams.end(),
      leave: () => this.#leave(),
    });
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
    this.#connecting = connectionsOf(databases);
    await this.#listener.start(listen);
    this.#connecting = 0;
  }

  /** What all watchers share, from now on. */
  use(shared: SharedState): void {
    this.#shared = shared;
  }

  /** Tells where it listens, if it does. */
  tell(): void {
    this.#listener.tell();
  }

  /** Continues with another configuration. What cannot be served is told, and what was served before goes on. */
  async adopt(running: AppConfig): Promise<void> {
    this.#running = running;
    if (this.#hasEnded || this.#options.once) return;
    this.#site?.context.fleet.adopt(running.databases);
    await this.#listener.adopt(running.config.listen);
  }

  async #open(listen: ListenConfig): Promise<HttpServer> {
    const site = this.#site ??= await newSite({
      ...this.#options,
      started: this.#started,
      running: () => this.#running!,
      shared: () => this.#shared,
    });
    return await site.serve(listen, { connecting: this.#connecting });
  }

  /** Forgets what nobody is shown any more. */
  #leave(): void {
    this.#site?.context.streams.end();
    this.#site?.context.fleet.end();
    this.#site = undefined;
  }

  /** Ends it, and all connections at once. */
  end(): void {
    this.#hasEnded = true;
    void this.#listener.end();
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
