import { DatabaseSync } from "node:sqlite";
import { addDecision } from "../../src/journal/decisions.ts";
import type { Entry } from "../../src/journal/entry.ts";
import { openJournal } from "../../src/journal/open.ts";
import { transaction } from "../../src/journal/sql.ts";

export const DAY = 86_400_000;

/** A kill of one of a hundred statements, at a moment. */
export function entryAt(at: number, rest: Partial<Entry> = {}): Entry {
  const number = Math.floor(at / 1000) % 100;
  return {
    ...{ at, database: `db-${number % 7}`, server: "one 1", policy: "long", hash: "h", action: "kill query" },
    ...{ mode: "enforce", escalation: false },
    ...{ outcome: "killed", reason: null, took_ms: 1.5, intended: true, note: null, execution: `1:${at}` },
    because: [{ expression: "time > 10s", left: `${number}s`, right: "10s" }],
    session: {
      id: number,
      user: `user-${number}`,
      host: "10.0.0.1",
      db: "shop",
      command: "Query",
      time_ms: 12_000,
    },
    statement: {
      ...{ digest: `v2:${number}`, digest_text: `SELECT ? FROM t${number}`, verb: "select" },
      ...{ tables: [`t${number}`], tags: {} },
    },
    ...rest,
  };
}

/** Writes kills to a journal, evenly over some days before a moment. Returns how many. */
export function fillJournal(
  file: string,
  { to, days, perDay }: { readonly to: number; readonly days: number; readonly perDay: number },
): number {
  using journal = openForTest(file);
  transaction(journal, () => {
    for (let index = 0; index < days * perDay; index++) {
      addDecision(journal, entryAt(Math.round(to - days * DAY + (index + 0.5) * DAY / perDay)));
    }
  });
  return days * perDay;
}

export function openForTest(file: string): DatabaseSync {
  return openJournal(file, { busy: 5000, synchronous: "NORMAL", checkpoint: 1000 });
}
