import type { Clock } from "../../clock.ts";
import { type ListenConfig, listenText } from "../../config/mod.ts";
import type { EventStream } from "../../events/mod.ts";
import type { HttpServer } from "../../http/mod.ts";
import type { AgentContext } from "../../http/proxysql/mod.ts";
import { accessOf, CAVEAT, hasSameDoor, hasSameSocket } from "../served.ts";
import { StartError } from "../start_error.ts";

export interface AgentServerOptions {
  readonly context: AgentContext;
  readonly clock: Clock;
  readonly stream: EventStream;
}

/** Connections that are still to be made: to ProxySQL, to the API of Kubernetes, and to the database of the lock. */
const CONNECTING = 8;

/** What an agent serves over HTTP, if it listens: without `http.listen` the code for it is not even loaded. */
export class AgentServer {
  readonly #options: AgentServerOptions;
  #serve: ((listen: ListenConfig) => Promise<HttpServer>) | undefined;
  #server: HttpServer | undefined;
  /** What it was made for: the server itself knows its true port. */
  #listen: ListenConfig | undefined;

  constructor(options: AgentServerOptions) {
    this.#options = options;
  }

  /** @throws {StartError} It cannot listen there. */
  async start(listen: ListenConfig | undefined): Promise<void> {
    if (listen === undefined) return;
    try {
      await this.#open(listen);
    } catch (error) {
      throw new StartError((error as Error).message, { cause: error });
    }
  }

  /** Tells where it listens, if it does. */
  tell(): void {
    if (this.#server === undefined) return;
    const { keepsLimits, config, mostConnections } = this.#server;
    this.#options.stream.emit({
      event: "http",
      state: "listening",
      address: listenText(config.address),
      access: accessOf(config),
      tls: config.hasTls,
      connections: mostConnections,
      ...!keepsLimits && { caveat: CAVEAT },
    });
  }

  /** Goes on as another configuration says. What cannot be served is told, and what was served before goes on. */
  async adopt(listen: ListenConfig | undefined): Promise<void> {
    const before = this.#listen;
    if (listen === undefined) return await this.#stop();
    if (before !== undefined && hasSameSocket(before, listen)) {
      this.#server?.adopt(listen);
      this.#listen = listen;
      if (!hasSameDoor(before, listen)) this.tell();
      return;
    }
    const old = this.#server;
    // The same address with other certificates can be had once it is free.
    const isSame = before !== undefined && listenText(before.address) === listenText(listen.address);
    if (isSame) await old?.close();
    if (await this.#try(listen)) {
      if (!isSame) void old?.close();
    } else if (isSame && !await this.#try(before)) await this.#stop();
  }

  /** Ends it, and all connections at once. */
  async end(): Promise<void> {
    const server = this.#server;
    this.#server = this.#listen = undefined;
    await server?.close();
  }

  async #stop(): Promise<void> {
    if (this.#server === undefined) return;
    const address = listenText(this.#server.config.address);
    await this.end();
    this.#options.stream.emit({ event: "http", state: "stopped", address });
  }

  async #try(listen: ListenConfig): Promise<boolean> {
    try {
      await this.#open(listen);
      this.tell();
      return true;
    } catch (error) {
      const reason = (error as Error).message;
      const address = listenText(listen.address);
      this.#options.stream.emit({ event: "http", state: "refused", address, reason });
      return false;
    }
  }

  async #open(listen: ListenConfig): Promise<void> {
    this.#serve ??= await newSite(this.#options);
    this.#server = await this.#serve(listen);
    this.#listen = listen;
  }
}

async function newSite(
  { context, clock }: AgentServerOptions,
): Promise<(listen: ListenConfig) => Promise<HttpServer>> {
  const { HttpServer, LIMITS, RequestCounts, shareOfHandles } = await import("../../http/mod.ts");
  const { agentApp, AGENT_SITE } = await import("../../http/proxysql/mod.ts");
  const requests = new RequestCounts();
  const app = agentApp(context, requests);
  return async (listen) => {
    const { connections, lacking } = shareOfHandles(CONNECTING, { limits: LIMITS });
    if (connections === undefined) {
      const where = listenText(listen.address);
      throw new Error(
        `cannot listen on ${where}: ${lacking} more file handles are needed: raise the limit (ulimit -n)`,
      );
    }
    return await HttpServer.listen(listen, {
      fetch: (request, env) => app.fetch(request, env),
      site: AGENT_SITE,
      answered: (status) => requests.add(status),
      clock,
      newId: () => crypto.randomUUID(),
      connections,
    });
  };
}
