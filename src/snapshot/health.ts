import {
  type Capabilities,
  type Connection,
  DatabaseError,
  type Lease,
  leaseOf,
  reportOf,
  type Row,
  type SelfReport,
  takeLease,
} from "../database/mod.ts";
import type { DatabaseName } from "../language/mod.ts";
import { type HealthPlan, planHealth, variableColumn } from "./health_plan.ts";
import type { Found, HealthRead } from "./health_read.ts";
import { readHistory } from "./history.ts";
import { readReplication } from "./replication.ts";
import type { Health } from "./snapshot.ts";
import { readStatus } from "./status.ts";

/** All that can be read of a database. */
const READS: readonly HealthRead[] = [readStatus, readHistory, readReplication];

/** A database's health, and who it is that reports it. */
export interface HealthReport {
  readonly health: Health;
  readonly report: SelfReport;
  /** Absent where it was not asked for. */
  readonly lease?: Lease;
}

/** What a look wants to know of a database before it reads any session. */
export interface HealthOptions {
  /** Names of the policy language. */
  readonly needs: ReadonlySet<string>;
  /** Whether to take the lease as well. */
  readonly lease: boolean;
}

/**
 * Reads who the server is, and what is needed of its health, in one statement where the server can do that.
 * What it refuses is unknown, with its reason.
 * @throws {DatabaseError} `lost`; `statement` where it does not say who it is.
 */
export async function readHealth(
  connection: Connection,
  capabilities: Capabilities,
  { needs, lease }: HealthOptions,
): Promise<HealthReport> {
  const needed = READS.filter(({ names }) => names.some((name) => needs.has(name)));
  const possible = needed.filter((read) => !lacks(read, capabilities));
  const impossible = needed.filter((read) => lacks(read, capabilities));
  const plan = planHealth(possible, capabilities, { lease });
  const report = await readTogether(connection, capabilities, plan);
  return { ...report, health: { ...report.health, ...unknownFor(impossible, "a privilege is missing") } };
}

async function readTogether(
  connection: Connection,
  capabilities: Capabilities,
  plan: HealthPlan,
): Promise<HealthReport> {
  try {
    return await readPlan(connection, capabilities, plan);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind === "lost") throw error;
    return await readOneByOne(connection, capabilities, plan);
  }
}

function lacks({ need }: HealthRead, { gaps }: Capabilities): boolean {
  return gaps.some((gap) => gap.need === need);
}

async function readPlan(
  connection: Connection,
  capabilities: Capabilities,
  { statements, reads, lease }: HealthPlan,
): Promise<HealthReport> {
  const results: (readonly Row[])[] = [];
  for (const statement of statements) results.push(...await connection.queryAll(statement));
  const [[row = {}] = [], ...own] = results;
  const report = reportOf(row);
  let health = basicHealth(capabilities, report);
  for (const read of reads) {
    const rows = read.statement === undefined ? [] : own.shift() ?? [];
    health = { ...health, ...read.values(found(row, rows), capabilities, health) };
  }
  return { health, report, ...lease && { lease: leaseOf(row, connection) } };
}

/** So that what is refused is known, and does not take the rest with it. */
async function readOneByOne(
  connection: Connection,
  capabilities: Capabilities,
  { reads, lease }: HealthPlan,
): Promise<HealthReport> {
  let { health, report } = await readPlan(connection, capabilities, planHealth([], capabilities, NO_LEASE));
  for (const read of reads) {
    health = { ...health, ...await readAlone(connection, capabilities, read) };
  }
  return { health, report, ...lease && { lease: await takeLease(connection) } };
}

const NO_LEASE = { lease: false };

async function readAlone(
  connection: Connection,
  capabilities: Capabilities,
  read: HealthRead,
): Promise<Health> {
  try {
    const { health } = await readPlan(connection, capabilities, planHealth([read], capabilities, NO_LEASE));
    return health;
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind === "lost") throw error;
    return unknownFor([read], error.message);
  }
}

function basicHealth({ flavor }: Capabilities, { uptime, readOnly }: SelfReport): Health {
  return { flavor, uptime, read_only: readOnly };
}

function unknownFor(reads: readonly HealthRead[], reason: string): Health {
  const names: readonly DatabaseName[] = reads.flatMap((read) => read.names);
  return Object.fromEntries(names.map((name) => [name, { unknown: reason }]));
}

function found(row: Row, rows: readonly Row[]): Found {
  return {
    row,
    rows,
    variable(name) {
      const value = row[variableColumn(name)] ?? "";
      return value === "" || Number.isNaN(Number(value))
        ? { unknown: `the server does not show ${name}` }
        : Number(value);
    },
  };
}
