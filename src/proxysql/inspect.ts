import type { Clock } from "../clock.ts";
import type { Account, ProxysqlConfig } from "../config/mod.ts";
import type { Place } from "../target/mod.ts";
import { Admin } from "./admin.ts";
import { AdminError } from "./admin_error.ts";
import { STATEMENTS } from "./statement.ts";
import { numberOf, textOf } from "./value.ts";

/** A server behind a ProxySQL, as that sees it. */
export interface SeenBackend extends Place {
  readonly hostgroup: number | undefined;
  /** Such as ONLINE, SHUNNED or SHUNNED_REPLICATION_LAG. */
  readonly status: string;
}

/** What can be known of clients through a ProxySQL, and done to their sessions. */
export interface Inspection {
  readonly version: string;
  /** Whether it tells the servers' own ids of connections; undefined if that is not told. */
  readonly extended: boolean | undefined;
  /** Why sessions cannot be ended; undefined if they can. */
  readonly cannotEnd: string | undefined;
  readonly backends: readonly SeenBackend[];
}

/**
 * Finds out what the accounts of a ProxySQL can do there; changes nothing.
 * @throws {AdminError} Its sessions cannot be read.
 */
export async function inspectProxy(
  config: ProxysqlConfig,
  clock: Pick<Clock, "now">,
): Promise<Inspection> {
  const { admin, stats } = config;
  await using reader = new Admin({ ...config, account: (stats ?? admin)! }, { clock });
  const [version] = await reader.rows(STATEMENTS.version());
  const [extended] = await reader.rows(STATEMENTS.variable("mysql-show_processlist_extended"));
  await reader.rows(STATEMENTS.sessionCounts());
  const backends = await reader.rows(STATEMENTS.backends());
  const level = numberOf(extended?.["value"]);
  return {
    version: textOf(Object.values(version ?? {})[0]),
    extended: level === undefined ? undefined : level > 0,
    cannotEnd: await obstacle(config, admin, clock),
    backends: backends.flatMap((row) => {
      const port = numberOf(row["srv_port"]);
      return port === undefined ? [] : [{
        host: textOf(row["srv_host"]),
        port,
        hostgroup: numberOf(row["hostgroup"]),
        status: textOf(row["status"]),
      }];
    }),
  };
}

async function obstacle(
  config: ProxysqlConfig,
  account: Account | undefined,
  clock: Pick<Clock, "now">,
): Promise<string | undefined> {
  if (account === undefined) return "the credentials name no administrator of it";
  await using admin = new Admin({ ...config, account }, { clock });
  try {
    await admin.rows(STATEMENTS.version());
    return admin.mayWrite ? undefined : `"${account.user}" may read statistics only, and is no administrator`;
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    return error.withAdvice;
  }
}
