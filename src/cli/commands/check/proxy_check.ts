import type { Clock } from "../../../clock.ts";
import type { ProxysqlConfig, WatchedDatabase } from "../../../config/mod.ts";
import { Hosts } from "../../../mysql/proxied/same_host.ts";
import { actionOf, claims, type Rules } from "../../../policy/mod.ts";
import type { Inspection, SeenBackend } from "../../../proxysql/inspect.ts";
import { TargetError } from "../../../target/mod.ts";

/** What a ProxySQL in front of a database lets the policies know and do. */
export interface ProxyCheck {
  readonly proxy: string;
  /** The policies in force there can do what they say. */
  readonly ok: boolean;
  /** Null if it could not be asked. */
  readonly version: string | null;
  /** Whether it tells the server's own ids of connections; null if that is unknown. */
  readonly extended: boolean | null;
  /** Whether it can be asked to end the sessions of clients. */
  readonly ends_sessions: boolean;
  /** What is wrong, or less exact than it could be, and the remedy. */
  readonly problems: readonly string[];
}

/** Checks the proxies in front of databases, each once. */
export class ProxyChecks {
  readonly #configs: readonly ProxysqlConfig[];
  readonly #clock: Clock;
  readonly #found = new Map<string, Promise<Inspection | string>>();
  readonly #hosts: Hosts;

  constructor(configs: readonly ProxysqlConfig[], clock: Clock) {
    this.#configs = configs;
    this.#clock = clock;
    this.#hosts = new Hosts(clock);
  }

  /** The checks of those that a database is behind. Never fails. */
  async of(database: WatchedDatabase): Promise<readonly ProxyCheck[]> {
    const { proxysql = [] } = database;
    return await Promise.all(proxysql.map(async (name): Promise<ProxyCheck> => {
      const found = await this.#inspect(name);
      const endsConnections = endsAny(database.rules);
      if (typeof found === "string") {
        const problems = [`${found}; until it answers, nothing is known of its clients`];
        return { proxy: name, ok: false, version: null, extended: null, ends_sessions: false, problems };
      }
      const { version, extended, cannotEnd, backends } = found;
      return {
        proxy: name,
        ok: cannotEnd === undefined || !endsConnections,
        version,
        extended: extended ?? null,
        ends_sessions: cannotEnd === undefined,
        problems: [
          ...cannotEnd === undefined ? [] : [`"kill connection" and "escalate" are skipped: ${cannotEnd}`],
          ...extended === false ? [NOT_EXTENDED] : [],
          ...await this.#backendProblems(backends, database),
        ],
      };
    }));
  }

  #inspect(name: string): Promise<Inspection | string> {
    const known = this.#found.get(name) ?? this.#inspectNow(name);
    this.#found.set(name, known);
    return known;
  }

  async #inspectNow(name: string): Promise<Inspection | string> {
    const config = this.#configs.find((each) => each.name === name);
    if (config === undefined) return "it is not configured";
    const { inspectProxy } = await import("../../../proxysql/inspect.ts");
    try {
      return await inspectProxy(config, this.#clock);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      return error.withAdvice;
    }
  }

  async #backendProblems(
    backends: readonly SeenBackend[],
    { address }: WatchedDatabase,
  ): Promise<readonly string[]> {
    if (!("host" in address)) return [];
    await this.#hosts.learn([address.host, ...backends.map(({ host }) => host)]);
    const own = backends.filter(({ host, port }) =>
      port === address.port && this.#hosts.areSame(host, address.host)
    );
    if (own.length === 0) {
      const there = [...new Set(backends.map(({ host, port }) => `${host}:${port}`))].join(", ") || "none";
      return [`no backend of it is this database, so none of its sessions is known; its backends: ${there}`];
    }
    return own.filter(({ status }) => status !== "ONLINE").map(({ hostgroup, status }) =>
      `it takes this database for ${status} in hostgroup ${hostgroup ?? "?"}`
    );
  }
}

const NOT_EXTENDED =
  "it does not tell the server's ids of connections, which are found by their ports then: SET mysql-show_processlist_extended=1, " +
  "then LOAD MYSQL VARIABLES TO RUNTIME, then SAVE MYSQL VARIABLES TO DISK";

/** Whether a policy ends connections, at once or as its second step. */
function endsAny({ policies, domain }: Rules): boolean {
  return policies.some((policy) => {
    const action = actionOf(domain.actions, policy.then);
    return claims(policy, domain) &&
      (action.acts_on === "connection" || (policy.escalate !== undefined && action.escalates_to !== null));
  });
}
