import type { Capabilities } from "../capabilities.ts";
import { identityColumns } from "../identity.ts";
import { LEASE_COLUMNS } from "../lease.ts";
import { statusTable } from "../status_table.ts";
import type { HealthRead, OwnStatement } from "./health_read.ts";

/** How to read the requested values of a database's health. */
export interface HealthPlan {
  /** The statements, in order; see {@linkcode together}. */
  readonly statements: readonly string[];
  readonly reads: readonly HealthRead[];
  /** The read whose rows are joined to the first statement. */
  readonly joined: HealthRead | undefined;
  readonly lease: boolean;
}

/**
 * The most characters of a status variable; the longest ones read are file names. With the width of the server's
 * own column, MariaDB would keep MAX() of them as blobs, in a temporary table on disk.
 */
const LONGEST_VALUE = 255;

/** The column for a status variable. */
export function variableColumn(name: string): string {
  return `status_${name.toLowerCase()}`;
}

/**
 * Plans the reads. All status variables come from one read of their table, since each read fills the whole table.
 * The rows of one read are joined to the columns: the result has as many rows as that read, but at least one.
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

/**
 * Joins rows to the columns. `is_row` is NULL if there are none. LIMIT makes the server evaluate the columns only
 * once, so that the lease is not taken twice.
 */
function joinedTo(columns: string, statement: OwnStatement | undefined): string {
  if (statement === undefined) return columns;
  return `SELECT h.*, j.* FROM (${columns} LIMIT 1) AS h ` +
    `LEFT JOIN (SELECT 1 AS is_row, r.* FROM (${statement.sql}) AS r) AS j ON TRUE`;
}

/**
 * Combines statements, and `along`, into one round trip if the server can do that. The last result is kept, since
 * the next look usually asks for the same.
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
