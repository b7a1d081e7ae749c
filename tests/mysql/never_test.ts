import { assertEquals } from "@std/assert";
import { whyNever } from "../../src/mysql/never.ts";
import type { Session } from "../../src/policy/mod.ts";
import { brief, look, policy, rules, session } from "../policy/fixture.ts";

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

const OWN = { user: "sniper", program: "query-sniper" };

function why(rest: Parameters<typeof session>[0]): string | undefined {
  return whyNever(session(rest), OWN);
}

Deno.test("no account of the server or of a cloud provider is ever selected", () => {
  const users = [
    ...["", "system user", "event_scheduler", "unauthenticated user"],
    ...["mysql.session", "mysql.sys", "mysql.infoschema", "mariadb.sys"],
    ...["rdsadmin", "rdsrepladmin", "rds_superuser_role"],
    ...["azure_superuser", "azure_sys"],
    ...["cloudsqladmin", "cloudsqlreplica", "cloudsqlimport", "cloudsqlexport"],
  ];
  for (const user of users) {
    assertEquals(why({ user }), "it is of the server or its provider", user);
    const shown = { user: { unknown: "a definer may be shown" }, definer: user };
    assertEquals(why(shown), "it is of the server or its provider", `shown as ${user}`);
  }
  assertEquals(why({ user: "azure" }), undefined);
});

Deno.test("only what a client does, or has done, is selected", () => {
  for (const command of ["Query", "Execute", "Bulk_execute", "Prepare", "Fetch", "Long Data"]) {
    assertEquals(why({ command }), undefined, command);
  }
  assertEquals(why({ command: "Sleep", running: false }), undefined);
  const others = [
    ...[
      "Binlog Dump",
      "Binlog Dump GTID",
      "Connect",
      "Connect Out",
      "Daemon",
      "Register Slave",
      "Register Replica",
    ],
    ...["Slave_IO", "Slave_SQL", "Slave_worker", "Backup", "Table Dump", "Delayed insert", "Error", "Busy"],
    ...["Killed", "Quit", "Shutdown", "Change user", "Init DB", "Ping", "Group Replication Data Stream", ""],
  ];
  for (const command of others) assertEquals(why({ command }), "it is no client at work or at rest", command);
  assertEquals(why({ running: false, idle: false }), "it is no client at work or at rest");
});

Deno.test("no statement that ends a transaction or administers the server is ever selected", () => {
  const verbs = [
    ...["commit", "rollback", "xa", "shutdown", "restart", "clone", "start", "stop", "change", "purge"],
    ...["install", "uninstall"],
  ];
  for (const verb of verbs) {
    assertEquals(why({ verb }), "it ends a transaction, or administers the server", verb);
  }
  for (const verb of ["select", "update", "call", "set"]) assertEquals(why({ verb }), undefined, verb);
});

Deno.test("nobody is selected in a state in which a kill is useless or harmful", () => {
  const states = [
    ...["rollback", "Rolling back", "rolling back to a savepoint", "rollingback", "Killed"],
    ...["wsrep: committing", "wsrep in pre-commit stage", "certifying write set"],
    ...["Waiting for semi-sync ACK from slave", "Waiting for semi-sync ACK from replica"],
    ...["Commit", "committing alter table to storage engine", "waiting for handler commit"],
    ...["query end", "closing tables", "login", "Waiting for Group Replication to apply"],
  ];
  for (const state of states) {
    assertEquals(why({ state }), "its state is one in which a kill is useless or harmful", state);
  }
  for (
    const state of [
      "",
      "Sending data",
      "executing",
      "Opening tables",
      "login attempt",
      "before commit",
      "updating",
    ]
  ) {
    assertEquals(why({ state }), undefined, state);
  }
});

Deno.test("only a policy that names its verb ends what is costly to repeat, or worse half done", () => {
  const verbs = [
    ...[
      "alter",
      "analyze",
      "backup",
      "binlog",
      "cache",
      "check",
      "checksum",
      "create",
      "drop",
      "dump",
      "flush",
    ],
    ...[
      "grant",
      "import",
      "kill",
      "load",
      "lock",
      "optimize",
      "other",
      "rename",
      "repair",
      "reset",
      "revoke",
    ],
    ...["truncate", "unlock", "begin"],
  ];
  for (const verb of verbs) {
    assertEquals(
      brief(look(everything, { sessions: [session({ verb })] }).decisions),
      ["long needs-verb 1"],
      verb,
    );
    const naming = rules([policy({ where: `verb = '${verb}'`, then: "kill connection" })]);
    assertEquals(brief(look(naming, { sessions: [session({ verb })] }).decisions), ["long act 1"], verb);
  }
  for (const verb of ["select", "insert", "update", "delete", "replace", "call", "do", "show", "set"]) {
    assertEquals(brief(look(everything, { sessions: [session({ verb })] }).decisions), ["long act 1"], verb);
  }
  const idle = session({ running: false, verb: { unknown: "cut" } });
  assertEquals(brief(look(everything, { sessions: [idle] }).decisions), ["long act 1"], "it runs nothing");
});

Deno.test("whoever is known by the definer of a routine alone is judged by that name too", () => {
  const user = { unknown: "a definer may be shown" };
  assertEquals(why({ user, definer: "sniper" }), "it is of this program's account");
  assertEquals(why({ user, definer: "app" }), undefined);
  assertEquals(why({ user }), "it is of the server or its provider", "nobody at all is shown");
});

Deno.test("each reason for which a session is never selected is told in words", () => {
  assertEquals(why({ program: "query-sniper" }), "it is another one of this program");
  assertEquals(
    why({ running: false, prepared: true }),
    "its transaction is prepared by XA, and would outlive it",
  );
  assertEquals(why({ execution: "" }), "what it runs cannot be told from what it runs next");
});

Deno.test("what MariaDB shows as Killed is looked at again where this program had its statement killed", () => {
  const armed = rules([policy({ escalate: 1000 })]);
  const killed = session({ command: "Killed" });
  const { memory } = look(armed, { now: 0 });
  assertEquals(brief(look(armed, { now: 1000, memory, sessions: [killed] }).decisions), ["long act 1"]);
  const final = { ...memory, settled: { "execution-1": { ...memory.settled["execution-1"]!, final: true } } };
  assertEquals(look(armed, { now: 1000, memory: final, sessions: [killed] }).decisions, []);
  const foreign = session({ id: 2, command: "Killed" });
  assertEquals(look(armed, { now: 1000, memory, sessions: [foreign] }).decisions, [], "somebody else's kill");
});
