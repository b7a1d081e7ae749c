import { assertEquals } from "@std/assert";
import type { Session } from "../../src/policy/mod.ts";
import { brief, look, policy, rules, session } from "./fixture.ts";

/** A policy that would end everything that it is shown. */
const everything = rules([policy({ where: "always", then: "kill connection" })]);

function isSelected(rest: Parameters<typeof session>[0]): boolean {
  return look(everything, { sessions: [session(rest)] }).decisions.length > 0;
}

const NEVER: Readonly<Record<string, Parameters<typeof session>[0]>> = {
  "this program's own sessions": { user: "sniper" },
  "another sniper, under another account": { program: "query-sniper" },
  "a transaction that XA has prepared": { running: false, prepared: true },
  "a Binlog Dump thread": { user: "replication", command: "Binlog Dump" },
  "a Binlog Dump GTID thread": { user: "replication", command: "Binlog Dump GTID" },
  "an applier": { user: "system user", command: "Slave_SQL" },
  "an applier that shows as a query": { user: "system user" },
  "an applier that shows as root, by its command": { user: "root", command: "Slave_worker" },
  "a thread that connects to a source": { user: "system user", command: "Connect" },
  "the event scheduler": { user: "event_scheduler", command: "Daemon" },
  "an event worker that shows its definer": { user: "root", command: "Connect" },
  "an unauthenticated session": { user: "unauthenticated user", command: "Connect" },
  "a session without a user": { user: "" },
  "an account of the server": { user: "mysql.session" },
  "an account of a cloud provider": { user: "rdsadmin" },
  "a killed session": { command: "Killed" },
  "a session that MariaDB cannot look into at the moment": { command: "Busy", db: "" },
  "a rollback": { state: "rollback" },
  "a statement that is being rolled back": { state: "Rolling back" },
  "a statement that ends": { state: "query end" },
  "a COMMIT": { sql: "COMMIT" },
  "a ROLLBACK": { sql: "/* x */ rollback" },
  "an XA statement": { sql: "XA COMMIT 'x'" },
  "a wait for a semi-sync acknowledgement": { state: "Waiting for semi-sync ACK from replica" },
  "a wait for Galera's certification": { state: "wsrep: waiting for certification" },
  "a write that MariaDB commits by itself, or Galera certifies": {
    sql: "UPDATE t SET a = 1",
    state: "Commit",
  },
  "the commit phase of DDL": {
    sql: "ALTER TABLE t ADD c INT",
    state: "committing alter table to storage engine",
  },
  "a session whose execution is not known": { execution: "" },
};

for (const [what, rest] of Object.entries(NEVER)) {
  Deno.test(`decide() never selects ${what}`, () => assertEquals(isSelected(rest), false));
}

Deno.test("decide() selects a client's query, prepared statement and idle session", () => {
  const sessions: readonly Session[] = [
    session(),
    session({ id: 2, command: "Execute" }),
    session({ id: 3, running: false }),
  ];
  assertEquals(brief(look(everything, { sessions }).decisions), ["long act 1", "long act 2", "long act 3"]);
});
