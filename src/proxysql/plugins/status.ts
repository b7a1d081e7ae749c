import type { Health } from "../health.ts";
import type { Status } from "../status.ts";

/** What the function `health` of a plugin is handed. No account is in it, and no statement. JSON-able, but for counters. */
export interface PluginStatus {
  /** The address of the admin interface. */
  readonly proxysql: string;
  /** What the program itself finds. */
  readonly health: Health;
  /** Absent where it is not known yet, or ProxySQL cannot be asked. */
  readonly status?: Status;
}
