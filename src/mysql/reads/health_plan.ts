import type { Capabilities } from "../capabilities.ts";
import { identityColumns } from "../identity.ts";
import { LEASE_COLUMNS } from "../lease.ts";
import { statusTable } from "../status_table.ts";
import type { HealthRead, OwnStatement } from "./health_read.ts";

/** One statement that reads all that is needed of a database's health, and what it is made of. */
export interface HealthPlan {
  /** One after the other; see {@linkcode together}. */
  readonly statements: readonly string[];
  readonly reads: readonly HealthRead[];
  /** The read whose rows come in one result with the columns. */
  readonly joined: HealthRead | undefined;
  readonly lease: boolean;
}

/**
 * Of a status variable, in characters: none that is asked for is longer than the name of a file. As long as the server's
 * table has them, MariaDB would keep their maxima as blobs, in a table on disk.
 */
const LONGEST_VALUE = 255;

/** A column of a status variable. */
export function variableColumn(name: string): string {
  return `status_${name.toLowerCase()}`;
}

/**
 * Makes the statement. The variables of the server's status come by one reading of their table, since each
 * reading fills all of it. One read's rows are joined to the columns, as many rows as there are, or one.
 */
export function planHealth(
  reads: readonly HealthRead[],
  capabilities: Capabilities,
  { lease }: { readonly lease: boolean },
): HealthPlan {
  const own = reads.flatMap((read) => {
    const statement = read.statement?.(capabilities);
    return statement === undefined ? [] : [{ read, statement }];
  });
  const joined = own.find(({ statement }) => statement.joinable);
  const others = own.filter((each) => each !== joined).map(({ statement }) => statement.sql);
  const select = joinedTo(columnsQuery(reads, capabilities, { lease }), joined?.statement);
  return { statements: [select, ...others], reads, joined: joined?.read, lease };
}

function columnsQuery(
  reads: readonly HealthRead[],
  capabilities: Capabilities,
  { lease }: { readonly lease: boolean },
): string {
  const variables = new Set(["Uptime", ...reads.flatMap((read) => read.variables?.(capabilities) ?? [])]);
  const columns = Object.assign(
    {},
    identityColumns(capabilities),
    { uptime: `s.${variableColumn("Uptime")}` },
    ...reads.map((read) => read.columns?.(capabilities) ?? {}),
    lease ? LEASE_COLUMNS : {},
  ) as Readonly<Record<string, string>>;
  const list = Object.entries(columns).map(([name, sql]) => `${sql} AS ${name}`).join(", ");
  return `SELECT s.*, ${list} FROM (${statusQuery([...variables], capabilities)}) AS s`;
}

function statusQuery(variables: readonly string[], capabilities: Capabilities): string {
  const columns = variables.map((name) =>
    `MAX(IF(VARIABLE_NAME = '${name}', LEFT(VARIABLE_VALUE, ${LONGEST_VALUE}), NULL)) AS ${
      variableColumn(name)
    }`
  );
  const names = variables.map((name) => `'${name}'`).join(", ");
  return `SELECT ${columns.join(", ")} FROM ${
    statusTable(variables, capabilities)
  } WHERE VARIABLE_NAME IN (${names})`;
}

/** Where there are no rows, the columns stand alone: `is_row` tells. The limit keeps the lock from being taken twice. */
function joinedTo(columns: string, statement: OwnStatement | undefined): string {
  if (statement === undefined) return columns;
  return `SELECT h.*, j.* FROM (${columns} LIMIT 1) AS h ` +
    `LEFT JOIN (SELECT 1 AS is_row, r.* FROM (${statement.sql}) AS r) AS j ON TRUE`;
}

/**
 * Statements, and one to go along with them, in one round trip where the server can do that. The last of them are
 * kept, since mostly the next look asks the same.
 */
export function together(
  statements: readonly string[],
  along: string | undefined,
  { compound }: Capabilities,
): readonly string[] {
  const last = TOGETHER.get(statements);
  if (last !== undefined && last.along === along) return last.all;
  const each = along === undefined ? statements : [...statements, along];
  const all = each.length === 1 || !compound
    ? each
    : [`BEGIN NOT ATOMIC ${each.map((statement) => `${statement};`).join(" ")} END`];
  TOGETHER.set(statements, { along, all });
  return all;
}

const TOGETHER = new WeakMap<
  readonly string[],
  { readonly along: string | undefined; readonly all: readonly string[] }
>();
