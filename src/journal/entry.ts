import type { Clause } from "../language/mod.ts";
import type { Mode } from "../policy/mod.ts";
import type { SessionReport, StatementReport } from "../events/mod.ts";

/** One decision, as it is written down. It has no literal. */
export interface Entry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly database: string;
  /** The server process, its name and when it started; empty if it is not known. */
  readonly server: string;
  readonly policy: string;
  /** Of the policy as it was written; empty if it is not known. */
  readonly hash: string;
  readonly action: string;
  readonly mode: Mode;
  /** The statement, or the transaction, survived a kill before. */
  readonly escalation: boolean;
  /** Null: a kill whose outcome is not known yet. */
  readonly outcome: string | null;
  /** Why it was skipped. */
  readonly reason: string | null;
  readonly because: readonly Clause[];
  readonly session: SessionReport;
  readonly statement: StatementReport | undefined;
  readonly execution: string | null;
  readonly took_ms: number | null;
  /** Whether an intent was written before it was done. */
  readonly intended: boolean;
  readonly note: string | null;
}

/** What a statement does, and to which tables, such as `select orders, users`; empty if its verb is not known. */
export function shapeOfReport({ verb, tables }: Pick<StatementReport, "verb" | "tables">): string {
  if (verb === undefined) return "";
  return tables.length === 0 ? verb : `${verb} ${tables.join(", ")}`;
}

/** For how long a session had run its statement, or had been idle, in milliseconds; null if that is not known. */
export function timeOf({ time_ms, idle_time_ms }: SessionReport): number | null {
  return time_ms ?? idle_time_ms ?? null;
}
