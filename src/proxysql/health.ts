import type { ProxysqlConfig } from "../config/mod.ts";
import type { Row } from "../connection/mod.ts";
import type { Admin } from "./admin.ts";
import { AdminError } from "./admin_error.ts";
import { STATEMENTS } from "./statement.ts";
import { byName, numberOf, textOf } from "./value.ts";

/**
 * What is asked: whether ProxySQL `live`s (its admin interface answers), is `ready` for clients, or has `started` (has
 * answered once).
 */
export const PROBES = ["live", "ready", "started"] as const;

export type Probe = typeof PROBES[number];

/** What a probe found. JSON-able. */
export interface Health {
  readonly probe: Probe;
  readonly ok: boolean;
  /** Why it is not; empty if it is. */
  readonly reasons: readonly string[];
}

/** What readiness depends on. */
export type HealthOptions = Pick<ProxysqlConfig, "role" | "backends"> & {
  /** The file that exists while ProxySQL drains; absent: whoever asks looks there. */
  readonly draining?: string;
};

/** What readiness is made of. */
export interface Readiness {
  /** Why it is not ready; empty if it is. */
  readonly reasons: readonly string[];
  readonly paused: boolean | undefined;
  /** How long it runs, in seconds; undefined where it does not tell. */
  readonly uptime: number | undefined;
  /** The servers behind it; undefined where nobody looked. */
  readonly backends: readonly Row[] | undefined;
}

/**
 * Asks ProxySQL. A ping proves nothing: it is answered also while every statement waits, so statements are asked, each
 * with its deadline.
 */
export async function healthOf(admin: Admin, probe: Probe, options: HealthOptions): Promise<Health> {
  try {
    if (probe !== "ready") await admin.rows(STATEMENTS.globals());
    const reasons = probe === "ready" ? (await readReadiness(admin, options)).reasons : [];
    return { probe, ok: reasons.length === 0, reasons };
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    return { probe, ok: false, reasons: [error.withAdvice] };
  }
}

/** Looks whether ProxySQL is ready. @throws {AdminError} */
export async function readReadiness(
  admin: Admin,
  { role, backends: needed, draining }: HealthOptions,
): Promise<Readiness> {
  const reasons: string[] = [];
  const globals = byName(await admin.rows(STATEMENTS.globals()));
  const paused = isPaused(globals);
  const uptime = numberOf(globals.get("ProxySQL_Uptime"));
  if (paused === true) reasons.push("it is paused, and takes no new connections");
  if (draining !== undefined && await isThere(draining)) reasons.push(DRAINS);
  if (role === "satellite") {
    const [row] = await admin.rows(STATEMENTS.users());
    if (numberOf(row?.["users"]) === 0) {
      reasons.push("it has got no configuration from a core yet: it knows no user");
    }
  }
  if (needed === "none") return { reasons, paused, uptime, backends: undefined };
  const backends = await admin.rows(STATEMENTS.backends());
  reasons.push(...await missingBackends(admin, { needed, pool: backends }));
  return { reasons, paused, uptime, backends };
}

/** Why it is not ready while it drains. */
export const DRAINS = "it drains";

/** Whether it takes no new connections; undefined where this version does not tell (before 2.6). */
export function isPaused(globals: ReadonlyMap<string, string>): boolean | undefined {
  const paused = globals.get("mysql_listener_paused");
  return paused === undefined ? undefined : paused === "true";
}

async function missingBackends(
  admin: Admin,
  { needed, pool }: { readonly needed: "any" | "all"; readonly pool: readonly Row[] },
): Promise<readonly string[]> {
  // Who may read statistics only sees no users: then every hostgroup counts.
  const ofUsers = await admin.rowsIfKnown(STATEMENTS.hostgroups());
  const groups = hostgroupsOf(ofUsers === undefined || ofUsers.length === 0 ? pool : ofUsers);
  const online = new Set(hostgroupsOf(pool.filter(({ status }) => status === "ONLINE")));
  const missing = groups.filter((group) => !online.has(group));
  if (groups.length === 0) return ["it knows no server behind it"];
  if (missing.length === 0 || (needed === "any" && missing.length < groups.length)) return [];
  return [`no server is online in hostgroup ${missing.join(", ")}`];
}

function hostgroupsOf(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.map(({ hostgroup }) => textOf(hostgroup)))];
}

/** Whether a file exists; one that cannot be looked at counts as there: what drains must not look ready. */
export async function isThere(file: string): Promise<boolean> {
  try {
    await Deno.stat(file);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}
