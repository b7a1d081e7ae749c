import type { Clock } from "../../../clock.ts";
import {
  type Capabilities,
  isServerUser,
  type KillProof,
  mysqlTarget,
  type MysqlTargetConnection,
  type Need,
  NEEDS,
  proveKill,
  type Server,
  shieldRemedy,
  tasksOf,
} from "../../../mysql/mod.ts";
import { type HealthReport, TargetError } from "../../../target/mod.ts";
import { DIGEST_VERSION } from "../../../digest/mod.ts";
import { isUnknown } from "../../../language/mod.ts";
import { type Health, modeOf } from "../../../policy/mod.ts";
import { Observer } from "../../../recording/mod.ts";
import type { ProxyCheck, ProxyChecks } from "./proxy_check.ts";
import type { WatchedDatabase } from "../../../config/mod.ts";

/** The findings on one database: one line of `--format json`. */
export type CheckReport = CheckedDatabase | UnreachableDatabase;

/** A database that could not be reached, or was lost. */
export interface UnreachableDatabase {
  readonly database: string;
  readonly ok: false;
  readonly unreachable: string;
}

/** A database that answered. */
export interface CheckedDatabase {
  readonly database: string;
  /** Every policy in force can work. */
  readonly ok: boolean;
  readonly flavor: string;
  readonly version: string;
  readonly mode: string;
  readonly encrypted: boolean;
  /** Absent if the connection is not encrypted, or if the server does not say. */
  readonly tls?: { readonly version: string; readonly cipher: string };
  /** Whether it goes through a Unix socket, within the host. */
  readonly socket?: true;
  /** The state of a Galera node that is not in sync with its cluster, such as `Donor/Desynced`. */
  readonly role: "replica" | "read-only" | "writable" | "unknown" | `Galera node: ${string}`;
  /** The sources it replicates from, as `host:port`. */
  readonly sources: readonly string[];
  /** The method used for each thing. */
  readonly methods: {
    /** Absent if there is nothing to measure. */
    readonly lag?: string;
    readonly digest: string;
    readonly kill: string;
  };
  /** The test kill of one of its own sessions. */
  readonly proof: KillProof;
  /** Accounts whose sessions it cannot kill, as `user@host`; null if that is unknown. */
  readonly out_of_reach: readonly string[] | null;
  /** What would show them, if they are unknown. */
  readonly out_of_reach_remedy?: string;
  /** How far its clock is ahead of the local one, in milliseconds. */
  readonly clock_ahead_ms: number;
  /** What the account must be able to do for the policies in force, and whether it can. */
  readonly needs: Readonly<Partial<Record<Need, boolean>>>;
  readonly policies: readonly PolicyCheck[];
  /** The proxies that its clients come through; absent: none is configured. */
  readonly proxies?: readonly ProxyCheck[];
  /** Why nothing is killed from this host, and what to do about it; absent if nothing holds kills back. */
  readonly held?: readonly string[];
}

/** What one policy can do there. */
export interface PolicyCheck {
  readonly policy: string;
  readonly ok: boolean;
  /** What it cannot do, or cannot do now, and the remedy. */
  readonly problems: readonly string[];
  /** What is missing to arm it. */
  readonly to_arm: readonly string[];
}

/** Checks everything about one database, and kills a session of its own as a test. Never fails. */
export async function checkDatabase(
  database: WatchedDatabase,
  clock: Clock,
  proxies?: ProxyChecks,
): Promise<CheckReport> {
  let observer: Observer<MysqlTargetConnection> | undefined;
  try {
    observer = await Observer.connect(mysqlTarget(database, { clock, armed: true }), database, { clock });
    const { report } = await observer.look();
    const { server } = observer.connected;
    const { capabilities } = server;
    const clockAhead = await clockOf(server, clock);
    const proof = await proveKill(server, database, { clock, identity: report.report.identity });
    const policies = policyChecks(database, capabilities, report.health);
    const { flavor, version } = capabilities;
    const front = await proxies?.of(database) ?? [];
    return {
      database: database.name,
      ok: [...policies, ...front].every(({ ok }) => ok) && !("failed" in proof),
      flavor,
      version,
      mode: database.rules.mode,
      encrypted: server.watching.encrypted,
      ...await tlsOf(server.watching),
      ..."socket" in database.address && { socket: true },
      role: await nodeRole(server) ?? roleOf(report.health, capabilities),
      sources: report.sources ?? [],
      methods: methodsOf(capabilities, report),
      proof,
      ...reach(capabilities),
      clock_ahead_ms: clockAhead,
      needs: needsMet(database, capabilities),
      policies,
      ...front.length > 0 && { proxies: front },
    };
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return { database: database.name, ok: false, unreachable: error.withAdvice };
  } finally {
    await observer?.close();
  }
}

/** What the server says about the connection's encryption. */
async function tlsOf(watching: Server["watching"]): Promise<Pick<CheckedDatabase, "tls">> {
  if (!watching.encrypted) return {};
  const rows = await watching.query(
    "SHOW SESSION STATUS WHERE Variable_name IN ('Ssl_version', 'Ssl_cipher')",
  );
  const status = new Map(rows.map((row) => [row["Variable_name"], String(row["Value"] ?? "")]));
  const [version, cipher] = [status.get("Ssl_version"), status.get("Ssl_cipher")];
  return version && cipher ? { tls: { version, cipher } } : {};
}

function reach(
  { shielded, user }: Capabilities,
): Pick<CheckedDatabase, "out_of_reach" | "out_of_reach_remedy"> {
  if (shielded === undefined) return { out_of_reach: null, out_of_reach_remedy: shieldRemedy(user) };
  return {
    out_of_reach: shielded.filter(({ user }) => !isServerUser(user)).map(({ user, host }) =>
      `${user}@${host}`
    ),
  };
}

/** Assumes that half of the round trip was the way there. */
async function clockOf({ watching }: Server, clock: Clock): Promise<number> {
  const before = clock.wall();
  const [row] = await watching.query("SELECT UNIX_TIMESTAMP(NOW(3)) * 1000 AS now");
  return Math.round(Number(row?.["now"]) - (before + clock.wall()) / 2);
}

/** A node that is a donor, or behind its cluster, is no place to write, whatever read_only says. */
async function nodeRole(
  { watching, capabilities }: Server,
): Promise<CheckedDatabase["role"] | undefined> {
  if (capabilities.cluster !== "galera") return undefined;
  const rows = await watching.query(
    "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_ready', 'wsrep_local_state_comment')",
  );
  const status = new Map(rows.map((row) => [row["Variable_name"], String(row["Value"])]));
  const state = status.get("wsrep_local_state_comment") ?? "unknown";
  if (status.get("wsrep_ready") === "OFF") return `Galera node: not ready, ${state}`;
  return state === "Synced" ? undefined : `Galera node: ${state}`;
}

function roleOf({ replica, read_only }: Health, { cluster }: Capabilities): CheckedDatabase["role"] {
  // The primary of a group has the group's channel too.
  const isPrimary = cluster === "group replication" && read_only === false;
  if (replica === true && !isPrimary) return "replica";
  if (typeof read_only !== "boolean") return "unknown";
  return read_only ? "read-only" : "writable";
}

const KILLS: Readonly<Record<Capabilities["sessions"], string>> = {
  statement_events: "by statement event",
  statement_events_query_id: "by statement event and query id",
  process_list_ms: "by query id",
  process_list_text: "by text and second",
  process_list: "none",
};

function methodsOf(
  { sessions, sqlMode, killProcedures }: Capabilities,
  { methods, health: { lag } }: HealthReport,
): CheckedDatabase["methods"] {
  const lagMethod = lag !== undefined && isUnknown(lag) ? `none: ${lag.unknown}` : methods?.lag;
  return {
    ...lagMethod !== undefined && { lag: lagMethod },
    digest: [
      DIGEST_VERSION,
      ...sessions === "statement_events" ? ["and the server's"] : [],
      // In this sql_mode, text in double quotes is a name, and its digest is unknown.
      ...sqlMode.split(",").filter((mode) => mode === "ANSI_QUOTES" || mode === "NO_BACKSLASH_ESCAPES"),
    ].join(", "),
    kill: killProcedures === undefined ? KILLS[sessions] : `${killProcedures.query}, ${KILLS[sessions]}`,
  };
}

function needsMet(database: WatchedDatabase, { gaps }: Capabilities): CheckedDatabase["needs"] {
  const lacking = new Set(gaps.map(({ need }) => need));
  return Object.fromEntries([...tasksOf(database)].map((need) => [need, !lacking.has(need)]));
}

function policyChecks(
  database: WatchedDatabase,
  { gaps }: Capabilities,
  health: Health,
): readonly PolicyCheck[] {
  const { rules, heartbeat } = database;
  return rules.policies.map((policy) => {
    const tasks = tasksOf({
      rules: { ...rules, policies: [policy] },
      ...heartbeat !== undefined && { heartbeat },
    });
    const lacking = gaps.filter(({ need }) => tasks.has(need));
    const isArmed = modeOf(rules, policy) === "enforce";
    const text = ({ need, missing, remedy }: typeof gaps[number]) =>
      `cannot ${NEEDS[need].meaning}, missing ${missing}: ${remedy}`;
    const later = lacking.filter(({ need }) => need === "kill" && !isArmed);
    const used = [policy.when, policy.until, policy.where].flatMap((expression) => expression?.needs ?? []);
    const values: Readonly<Record<string, unknown>> = health;
    const unknown = [...new Set(used)].flatMap((name) => {
      const value = values[name];
      return isUnknown(value) ? [`${name} is unknown: ${value.unknown}`] : [];
    });
    const problems = [...lacking.filter((gap) => !later.includes(gap)).map(text), ...unknown];
    // An idle connection is spared for what it holds, if the server shows that.
    const works = ({ need, tolerable }: typeof gaps[number]) => tolerable === true || need === "holds";
    const ok = lacking.every((gap) => later.includes(gap) || works(gap)) && unknown.length === 0;
    return { policy: policy.name, ok, problems, to_arm: later.map(text) };
  });
}
