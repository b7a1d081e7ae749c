import { type Capabilities, identityColumns, LEASE_COLUMNS } from "../database/mod.ts";
import type { HealthRead } from "./health_read.ts";

/** One statement that reads all that is needed of a database's health, and what it is made of. */
export interface HealthPlan {
  /** In one round trip: the columns first, then the reads with a statement of their own, in their order. */
  readonly statements: readonly string[];
  readonly reads: readonly HealthRead[];
  readonly lease: boolean;
}

/** A column of a status variable. */
export function variableColumn(name: string): string {
  return `status_${name.toLowerCase()}`;
}

/**
 * Makes the statement. The variables of the server's status come by one reading of their table, since each
 * reading fills all of it.
 */
export function planHealth(
  reads: readonly HealthRead[],
  capabilities: Capabilities,
  { lease }: { readonly lease: boolean },
): HealthPlan {
  const variables = new Set(["Uptime", ...reads.flatMap((read) => read.variables?.(capabilities) ?? [])]);
  const columns = Object.assign(
    {},
    identityColumns(capabilities),
    { uptime: `s.${variableColumn("Uptime")}` },
    ...reads.map((read) => read.columns?.(capabilities) ?? {}),
    lease ? LEASE_COLUMNS : {},
  ) as Readonly<Record<string, string>>;
  const select = `SELECT s.*, ${
    Object.entries(columns).map(([name, sql]) => `${sql} AS ${name}`).join(", ")
  } FROM (${statusQuery([...variables], capabilities)}) AS s`;
  const own = reads.flatMap((read) => read.statement?.(capabilities) ?? []);
  return { statements: together([select, ...own], capabilities), reads, lease };
}

function statusQuery(variables: readonly string[], { statusTable }: Capabilities): string {
  const columns = variables.map((name) =>
    `MAX(IF(VARIABLE_NAME = '${name}', VARIABLE_VALUE, NULL)) AS ${variableColumn(name)}`
  );
  const names = variables.map((name) => `'${name}'`).join(", ");
  return `SELECT ${columns.join(", ")} FROM ${statusTable} WHERE VARIABLE_NAME IN (${names})`;
}

function together(statements: readonly string[], { compound }: Capabilities): readonly string[] {
  if (statements.length === 1 || !compound) return statements;
  return [`BEGIN NOT ATOMIC ${statements.map((statement) => `${statement};`).join(" ")} END`];
}
