import { type ListenConfig, listenText } from "../config/mod.ts";
import type { EventStream } from "../events/mod.ts";
import type { HttpServer } from "../http/mod.ts";
import { accessOf, CAVEAT, hasSameDoor, hasSameSocket } from "./served.ts";
import { StartError } from "./start_error.ts";

export interface HttpListenerOptions {
  readonly stream: EventStream;
  /** Serves on one more address. @throws {Error} It cannot. */
  open(listen: ListenConfig): Promise<HttpServer>;
  /** Those who were let in may not be any more. */
  shut?(): void;
  /** Nothing is served any more. */
  leave?(): void;
}

/** Where something is served over HTTP, from the start over reloads to the end. */
export class HttpListener {
  readonly #options: HttpListenerOptions;
  #server: HttpServer | undefined;
  /** What it was made for: the server itself knows its true port. */
  #listen: ListenConfig | undefined;
  /** One reload after the other. */
  #last: Promise<void> = Promise.resolve();
  #hasEnded = false;

  constructor(options: HttpListenerOptions) {
    this.#options = options;
  }

  /** @throws {StartError} It cannot listen there. */
  async start(listen: ListenConfig): Promise<void> {
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
  adopt(listen: ListenConfig | undefined): Promise<void> {
    return this.#last = this.#last.then(() => this.#adopt(listen));
  }

  /** Ends it, and all connections at once. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.#close();
  }

  async #adopt(listen: ListenConfig | undefined): Promise<void> {
    if (this.#hasEnded) return;
    const before = this.#listen;
    if (listen === undefined) return await this.#stop();
    if (before === undefined) return void await this.#try(listen);
    if (!hasSameSocket(before, listen)) return await this.#move(before, listen);
    if (hasSameDoor(before, listen)) return;
    // Those who showed the old token are not told anything any more.
    this.#options.shut?.();
    this.#server?.adopt(listen);
    this.#listen = listen;
    this.tell();
  }

  /** Another address, or other certificates. */
  async #move(before: ListenConfig, listen: ListenConfig): Promise<void> {
    const old = this.#server;
    const isSame = listenText(before.address) === listenText(listen.address);
    // The same address with other certificates can be had once it is free.
    if (isSame) await old?.close();
    const isServed = await this.#try(listen);
    if (isServed && !isSame) void old?.close();
    if (!isServed && isSame && !await this.#try(before)) await this.#stop();
  }

  /** Listens; returns false, and tells, where that is not possible. */
  async #try(listen: ListenConfig): Promise<boolean> {
    try {
      await this.#open(listen);
      this.tell();
      return true;
    } catch (error) {
      const reason = (error as Error).message;
      const address = listenText(listen.address);
      this.#options.stream.emit({ event: "http", state: "refused", address, reason });
      if (this.#listen === undefined) this.#options.leave?.();
      return false;
    }
  }

  async #open(listen: ListenConfig): Promise<void> {
    const server = await this.#options.open(listen);
    if (this.#hasEnded) return await server.close();
    [this.#server, this.#listen] = [server, listen];
  }

  async #stop(): Promise<void> {
    if (this.#server === undefined) return;
    const address = listenText(this.#server.config.address);
    const closed = this.#close();
    this.#options.stream.emit({ event: "http", state: "stopped", address });
    await closed;
  }

  async #close(): Promise<void> {
    const closed = this.#server?.close();
    this.#server = this.#listen = undefined;
    this.#options.leave?.();
    await closed;
  }
}
