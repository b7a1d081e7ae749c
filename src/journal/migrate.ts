import type { DatabaseSync } from "node:sqlite";
import type { Clause } from "../language/mod.ts";
import type { SessionReport, StatementReport } from "../events/mod.ts";
import { addDecision } from "./decisions.ts";
import type { Entry } from "./entry.ts";

/** A row of version 1, which had one table with the parts of events as JSON. */
interface KillRow {
  readonly at: number;
  readonly database: string;
  readonly server: string;
  readonly policy: string;
  readonly action: string;
  readonly execution: string;
  readonly because: string;
  readonly session: string;
  readonly statement: string | null;
  readonly outcome: string | null;
  readonly took_ms: number | null;
  readonly note: string | null;
}

/** Moves all kills of version 1 into the tables of version 2. For use within a transaction. */
export function migrate(journal: DatabaseSync): void {
  const rows = journal.prepare("SELECT * FROM kill ORDER BY id").iterate();
  for (const row of rows) addDecision(journal, entryOf(row as unknown as KillRow));
  journal.exec("DROP TABLE kill");
}

/** What version 1 knew. It did not know the hash of the policy. */
function entryOf({ because, session, statement, ...row }: KillRow): Entry {
  return {
    ...row,
    hash: "",
    // It knew kills alone, and not which of them were the next step after another one.
    mode: "enforce",
    escalation: false,
    reason: null,
    because: parsed<readonly Clause[]>(because, []),
    session: { ...NOBODY, ...parsed<Partial<SessionReport>>(session, {}) },
    statement: parsed<StatementReport | undefined>(statement, undefined),
    intended: true,
  };
}

const NOBODY: SessionReport = { id: 0, user: null, host: null, db: "", command: "" };

/** A part that somebody has damaged is left out: the kill itself is kept. */
function parsed<T>(json: string | null, otherwise: T): T {
  try {
    return json === null ? otherwise : JSON.parse(json) as T;
  } catch {
    return otherwise;
  }
}
