import type { Clock } from "../clock.ts";
import type { Account, DatabaseConfig, ProxysqlConfig } from "../config/mod.ts";
import type { FrontProxy } from "../proxysql/front_proxy.ts";
import { type Proxy, TargetError } from "../target/mod.ts";

/** What of a database says which proxies it is behind. */
type BehindProxies = Pick<DatabaseConfig, "proxysql">;

export interface KeptProxiesOptions {
  readonly clock: Clock;
  /** How long a look waits for a proxy, in milliseconds; absent: as long as the proxy may take. */
  readonly patience?: number;
}

interface Kept {
  readonly config: ProxysqlConfig;
  readonly proxy: FrontProxy;
}

/** The proxies in front of databases, each asked by one for all databases behind it: without any its code is not loaded. */
export class KeptProxies implements AsyncDisposable {
  readonly #options: KeptProxiesOptions;
  #kept: ReadonlyMap<string, Kept> = new Map();

  constructor(options: KeptProxiesOptions) {
    this.#options = options;
  }

  /** Those that these databases are behind. */
  static async open(
    { config: { proxies }, databases }: {
      readonly config: { readonly proxies: readonly ProxysqlConfig[] };
      readonly databases: readonly BehindProxies[];
    },
    options: KeptProxiesOptions,
  ): Promise<KeptProxies> {
    const kept = new KeptProxies(options);
    await kept.adopt(proxies, databases);
    return kept;
  }

  /** Continues with these. One that has not changed keeps its connections. */
  async adopt(configs: readonly ProxysqlConfig[], databases: readonly BehindProxies[]): Promise<void> {
    const before = this.#kept;
    const named = new Set(databases.flatMap(({ proxysql = [] }) => proxysql));
    const used = configs.filter(({ name, admin, stats }) =>
      named.has(name) && (admin ?? stats) !== undefined
    );
    const entries = await Promise.all(used.map(async (config) => {
      const known = before.get(config.name);
      const isSame = known !== undefined && isSameProxy(known.config, config);
      return [config.name, isSame ? known : { config, proxy: await this.#newProxy(config) }] as const;
    }));
    this.#kept = new Map(entries);
    const left = [...before.values()].filter(({ proxy, config }) =>
      this.#kept.get(config.name)?.proxy !== proxy
    );
    await Promise.all(left.map(({ proxy }) => proxy[Symbol.asyncDispose]()));
  }

  /** The proxies in front of a database, as they are whenever that is asked for; undefined: there are none. */
  of({ proxysql }: BehindProxies): (() => readonly Proxy[]) | undefined {
    if (proxysql === undefined) return undefined;
    return () => proxysql.map((name) => this.#kept.get(name)?.proxy ?? new LostProxy(name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.adopt([], []);
  }

  async #newProxy(config: ProxysqlConfig): Promise<FrontProxy> {
    const { FrontProxy } = await import("../proxysql/front_proxy.ts");
    const { clock, patience = config.timeout } = this.#options;
    return new FrontProxy(config, { clock, patience });
  }
}

/** One that is not configured any more, while a database behind it is still watched: nothing is known then. */
class LostProxy implements Proxy {
  readonly name: string;
  readonly host = undefined;
  readonly cannotEnd = "it is not configured any more";

  constructor(name: string) {
    this.name = name;
  }

  read() {
    return Promise.resolve({ proxy: this, silent: this.cannotEnd });
  }

  session(): Promise<never> {
    return Promise.reject(new TargetError(this.cannotEnd));
  }
}

function isSameProxy(a: ProxysqlConfig, b: ProxysqlConfig): boolean {
  const keyOf = ({ address, tls, timeout }: ProxysqlConfig) => JSON.stringify([address, tls, timeout]);
  return keyOf(a) === keyOf(b) && isSameAccount(a.admin, b.admin) && isSameAccount(a.stats, b.stats);
}

function isSameAccount(a: Account | undefined, b: Account | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.user === b.user && a.password.equals(b.password);
}
