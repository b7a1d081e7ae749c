import type { Secret } from "../text/secret.ts";

/** A host and a port. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** A client's session on a proxy. */
export interface ProxyClient {
  /** The proxy's id of it. */
  readonly session: number;
  readonly user: string;
  readonly host: string;
  /** Undefined if it is not told. */
  readonly port: number | undefined;
  readonly schema: string;
  readonly hostgroup: number | undefined;
  /** Whether it runs a statement, on whichever connection. */
  readonly running: boolean;
  /** Since its last command began, in milliseconds; undefined if it is not told. */
  readonly time: number | undefined;
  /** What it runs; undefined: nothing, or it is not told. */
  readonly statement: Secret | undefined;
}

/** A connection of a proxy to a server. */
export interface ProxyConnection {
  /** The server, as the proxy was told. */
  readonly server: Place;
  /** The server's id of the connection; undefined if the proxy does not tell. */
  readonly id: number | undefined;
  /** Its end at the proxy; undefined if that is not told. */
  readonly local: Place | undefined;
  /** Who has logged in by it; undefined if that is not told. */
  readonly user: string | undefined;
  /** Whose it is; undefined: nobody's, it is kept for the next client. */
  readonly client: ProxyClient | undefined;
}

/** What a proxy shows at one moment. */
export interface ProxyReading {
  readonly proxy: Proxy;
  /** When the reading began, by the clock's `now`. */
  readonly at: number;
  /** While this is the same, it is of the same process: one that comes back may be at another address. */
  readonly epoch: number;
  readonly connections: readonly ProxyConnection[];
  /** Whether these are for sure all that it has, each with the server's own id. */
  readonly tellsAll: boolean;
  /** By their ids: also those that hold no connection to a server. */
  readonly clients: ReadonlyMap<number, ProxyClient>;
}

/** Why nothing is known of what a proxy shows. */
export interface ProxySilence {
  readonly proxy: Proxy;
  readonly silent: string;
}

/** A proxy between clients and servers. */
export interface Proxy {
  readonly name: string;
  /** The host of its admin interface; undefined for a socket. */
  readonly host: string | undefined;
  /** Why it cannot be asked to end the session of a client; undefined if it can. */
  readonly cannotEnd: string | undefined;
  /**
   * What it shows. It is asked at most once a second, whoever wants to know, and waited for only for a moment: a proxy
   * that hangs holds up nobody. Never fails.
   */
  read(): Promise<ProxyReading | ProxySilence>;
  /**
   * Asks for one session now, and hands it over with what ends it: nobody else asks meanwhile. What ends it does so whatever
   * the session runs by then, returns whether there was one, and throws {@linkcode ProxyRefusal} if that is not allowed, and
   * any other {@linkcode TargetError} if nobody knows whether it was done.
   * @throws {TargetError} The proxy does not answer; or what `use` throws.
   */
  session<T>(id: number, use: (reading: ProxyReading, end: () => Promise<boolean>) => Promise<T>): Promise<T>;
}
