import { systemClock } from "../../../src/clock.ts";
import { ProxiedSessions } from "../../../src/mysql/proxied/proxied_sessions.ts";
import { Hosts } from "../../../src/mysql/proxied/same_host.ts";
import {
  type Proxy,
  type ProxyClient,
  type ProxyConnection,
  type ProxyReading,
  TargetError,
} from "../../../src/target/mod.ts";
import { Secret } from "../../../src/text/secret.ts";

/** A client's session: it runs `SELECT 1` as app, from 10.1.1.1:4000. */
export function client({ statement = "SELECT 1", ...given }: GivenClient = {}): ProxyClient {
  return {
    session: 17,
    user: "app",
    host: "10.1.1.1",
    port: 4000,
    schema: "",
    hostgroup: 10,
    running: true,
    time: 5000,
    statement: statement === "" ? undefined : new Secret(statement),
    ...given,
  };
}

type GivenClient = Partial<Omit<ProxyClient, "statement">> & { readonly statement?: string };

/** Its connection 7 to the server 127.0.0.1:3306. */
export function connection(given: Partial<ProxyConnection> = {}): ProxyConnection {
  return {
    server: { host: "127.0.0.1", port: 3306 },
    id: 7,
    local: { host: "10.0.0.5", port: 50_000 },
    user: undefined,
    client: client(),
    ...given,
  };
}

/** A proxy that shows what it is told to, and what it was asked for. */
export class FakeProxy implements Proxy {
  readonly name: string = "edge";
  readonly host: string | undefined = "10.0.0.9";
  cannotEnd: string | undefined;
  /** Undefined: it does not answer. */
  connections: readonly ProxyConnection[] | undefined;
  /** Clients without a connection to a server. */
  others: readonly ProxyClient[] = [];
  tellsAll = true;
  epoch = 1;
  readonly asked: string[] = [];
  /** What ending a session does; by default it is gone at once. */
  onEnd: () => boolean = () => {
    this.connections = [];
    return true;
  };
  readonly #now: () => number;

  constructor(now: () => number, given: Partial<Pick<FakeProxy, "name" | "host" | "connections">> = {}) {
    this.#now = now;
    this.connections = [connection()];
    Object.assign(this, given);
  }

  read() {
    this.asked.push("read");
    return Promise.resolve(
      this.connections === undefined ? { proxy: this, silent: "it hangs" } : this.#reading(() => true),
    );
  }

  /** Called just before a session is shown. */
  beforeSession: () => void | Promise<void> = () => {};

  async session<T>(
    id: number,
    use: (reading: ProxyReading, end: () => Promise<boolean>) => Promise<T>,
  ): Promise<T> {
    this.asked.push(`session ${id}`);
    await this.beforeSession();
    if (this.connections === undefined) throw new SilentError();
    return await use(this.#reading(({ session }) => session === id), () => {
      this.asked.push(`end ${id}`);
      return Promise.resolve().then(this.onEnd);
    });
  }

  #reading(isAsked: (client: ProxyClient) => boolean): ProxyReading {
    const connections = this.connections!.filter(({ client }) => client === undefined || isAsked(client));
    const clients = [...connections.flatMap(({ client }) => client ?? []), ...this.others.filter(isAsked)];
    return {
      proxy: this,
      at: this.#now(),
      connections,
      tellsAll: this.tellsAll,
      epoch: this.epoch,
      clients: new Map(clients.map((each) => [each.session, each])),
    };
  }
}

/** What a proxy that does not answer fails with. */
export class SilentError extends TargetError {
  constructor() {
    super("it hangs");
  }
}

/** What knows the clients behind these proxies. */
export function proxiedBy(proxies: readonly Proxy[], now: () => number): ProxiedSessions {
  const fronts = {
    proxies: () => proxies,
    hosts: new Hosts(systemClock, () => Promise.resolve([])),
    told: new Map(),
    seen: new Map(),
    heard: new Map(),
  };
  return new ProxiedSessions(fronts, {
    clock: { now },
    places: [{ host: "127.0.0.1", port: 3306 }],
  });
}
