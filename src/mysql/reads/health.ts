import type { Capabilities } from "../capabilities.ts";
import { type Connection, refusal, type Row } from "../../connection/mod.ts";
import type { Lease, SessionFilter } from "../../target/mod.ts";
import { leaseOf, takeLease } from "../lease.ts";
import { reportOf } from "../identity.ts";
import type { Health, SelfReport, Session } from "../../policy/mod.ts";
import type { DatabaseName } from "../vocabulary/vocabulary.ts";
import { type HealthPlan, planHealth, together, variableColumn } from "./health_plan.ts";
import type { HealthPart, HealthRead, ReadResult } from "./health_read.ts";
import { readHistory } from "./history.ts";
import { readMetadataLockCount, readRowLockCount } from "../locks/lock_waits.ts";
import { readOldestTransaction } from "../transactions/oldest_transaction.ts";
import { readReplication } from "../replication/replication.ts";
import type { ReplicationInput } from "../replication/replication_input.ts";
import { sessionsIn, sessionsStatement } from "./sessions.ts";
import { readSourcePosition } from "../replication/source_position.ts";
import { readConnections, readQueryId, readRunning } from "./status.ts";

/** All reads of a database's values. */
const READS: readonly HealthRead[] = [
  readRunning,
  readConnections,
  readHistory,
  readReplication,
  readRowLockCount,
  readMetadataLockCount,
  readOldestTransaction,
];

/** A server's health and identity, and what the next look needs. */
export interface ServerHealth extends HealthPart {
  readonly health: Health;
  readonly report: SelfReport;
  /** Absent if the lease was not requested. */
  readonly lease?: Lease;
  /** Absent if they could not be read in the same round trip. */
  readonly sessions?: readonly Session[];
}

/** What a look reads of a database before it reads sessions. */
export interface HealthOptions {
  /** Names of the policy language. */
  readonly needs: ReadonlySet<string>;
  /** Whether to take the lease too. */
  readonly lease: boolean;
  /** Which of the server's own positions other databases need; absent: none. */
  readonly position?: { readonly file: boolean } | undefined;
  readonly replication: ReplicationInput;
  /** The sessions to read in the same round trip, if the server can do that; absent: none. */
  readonly sessions?: SessionFilter | undefined;
}

interface Context extends Pick<HealthOptions, "replication" | "sessions"> {
  readonly connection: Connection;
  readonly capabilities: Capabilities;
}

/**
 * Reads the server's identity and the requested values of its health, in one statement if the server can do that. A
 * value that it refuses is unknown, with the reason.
 * @throws {DatabaseError} `lost`; `statement`, if the server does not identify itself.
 */
export async function readHealth(
  connection: Connection,
  capabilities: Capabilities,
  { needs, lease, position, replication, sessions }: HealthOptions,
): Promise<ServerHealth> {
  const { plan, impossible } = planFor(capabilities, { needs, lease, position });
  const report = await readTogether(plan, { connection, capabilities, replication, sessions });
  return impossible.length === 0
    ? report
    : { ...report, health: { ...report.health, ...unknownFor(impossible, "a privilege is missing") } };
}

/** The plan for one server, and the request it was made for. */
interface PlannedRead extends Pick<HealthOptions, "needs" | "lease" | "position"> {
  readonly plan: HealthPlan;
  /** The reads that the account lacks a privilege for. */
  readonly impossible: readonly HealthRead[];
}

/** The last plan of each connection (each has its own capabilities). The next look usually asks for the same. */
const PLANS = new WeakMap<Capabilities, PlannedRead>();

function planFor(
  capabilities: Capabilities,
  { needs, lease, position }: Pick<HealthOptions, "needs" | "lease" | "position">,
): PlannedRead {
  const last = PLANS.get(capabilities);
  const isSame = last?.needs === needs && last.lease === lease && last.position?.file === position?.file;
  if (isSame) return last;
  const needed = READS.filter(({ names }) => names.some((name) => needs.has(name)));
  const possible = needed.filter((read) => !lacks(read, capabilities));
  const impossible = needed.filter((read) => lacks(read, capabilities));
  const reads = [
    ...possible,
    ...position === undefined ? [] : [readSourcePosition(position)],
    ...capabilities.sessions === "process_list_ms" ? [readQueryId] : [],
  ];
  const planned = { needs, lease, position, plan: planHealth(reads, capabilities, { lease }), impossible };
  PLANS.set(capabilities, planned);
  return planned;
}

function lacks({ need }: HealthRead, { gaps }: Capabilities): boolean {
  return gaps.some((gap) => gap.need === need);
}

async function readTogether(plan: HealthPlan, context: Context): Promise<ServerHealth> {
  try {
    return await readPlan(plan, context);
  } catch (error) {
    refusal(error);
    return await readOneByOne(plan, { ...context, sessions: undefined });
  }
}

async function readPlan(
  { statements, reads, joined, lease }: HealthPlan,
  context: Context,
): Promise<ServerHealth> {
  const { connection, capabilities } = context;
  const filter = capabilities.compound ? context.sessions : undefined;
  const along = filter && sessionsStatement(connection, capabilities, filter);
  const results: (readonly Row[])[] = [];
  for (const sql of together(statements, along, capabilities)) {
    results.push(...await connection.queryAll(sql));
  }
  const sessions = filter === undefined
    ? undefined
    : sessionsIn(results.pop() ?? [], connection, { capabilities, filter });
  const [first = [], ...own] = results;
  const row = first[0] ?? {};
  const report = reportOf(row);
  const health = basicHealth(capabilities, report);
  const parts: HealthPart = {};
  const found = foundIn(row);
  const reading = { ...context, before: health };
  for (const read of reads) {
    const hasResult = read !== joined && read.statement?.(capabilities) !== undefined;
    const rows = read === joined ? first.filter(isRow) : hasResult ? own.shift() ?? [] : [];
    const part = await read.values(rows.length === 0 ? found : { ...found, rows }, reading);
    Object.assign(parts, part);
    Object.assign(health, part.health);
  }
  return {
    ...parts,
    health,
    report,
    ...lease && { lease: leaseOf(row, connection) },
    ...sessions && { sessions },
  };
}

function isRow(row: Row): boolean {
  return row["is_row"] !== null;
}

const NO_LEASE = { lease: false };

/** Reads each value separately, so that one refusal affects no other value, and its reason is known. */
async function readOneByOne({ reads, lease }: HealthPlan, context: Context): Promise<ServerHealth> {
  let found = await readPlan(planHealth([], context.capabilities, NO_LEASE), context);
  for (const read of reads) {
    const part = await readAlone(read, context);
    found = { ...found, ...part, health: { ...found.health, ...part.health } };
  }
  return { ...found, ...lease && { lease: await takeLease(context.connection) } };
}

async function readAlone(read: HealthRead, context: Context): Promise<HealthPart> {
  try {
    return await readPlan(planHealth([read], context.capabilities, NO_LEASE), context);
  } catch (error) {
    return { health: unknownFor([read], refusal(error).message) };
  }
}

function basicHealth({ flavor }: Capabilities, { uptime, readOnly }: SelfReport): Health {
  return { flavor, uptime, read_only: readOnly };
}

function unknownFor(reads: readonly HealthRead[], reason: string): Health {
  const names: readonly DatabaseName[] = reads.flatMap((read) => read.names);
  return Object.fromEntries(names.map((name) => [name, { unknown: reason }]));
}

/** The result for reads that have no rows of their own. */
function foundIn(row: Row): ReadResult {
  const text = (name: string) => String(row[variableColumn(name)] ?? "");
  return {
    row,
    rows: [],
    text,
    variable(name) {
      const value = text(name);
      return value === "" || Number.isNaN(Number(value))
        ? { unknown: `the server does not show ${name}` }
        : Number(value);
    },
  };
}
