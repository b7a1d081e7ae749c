import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../../src/clock.ts";
import type { Row } from "../../../src/connection/mod.ts";
import type { Readings } from "../../../src/language/mod.ts";
import { lookSource } from "../../../src/mysql/look_source.ts";
import type { Metrics } from "../../../src/mysql/metrics.ts";
import type { Server } from "../../../src/mysql/server.ts";
import { namesOfPart, VOCABULARY } from "../../../src/mysql/vocabulary/vocabulary.ts";
import type { Session } from "../../../src/policy/mod.ts";
import type { LookSource, SessionDetails } from "../../../src/target/mod.ts";
import { client, connection, FakeProxy, proxiedBy } from "../proxied/fixture.ts";

/** What a server shows that does not lack anything. */
const CAPABILITIES = {
  flavor: "mysql",
  sessions: "statement_events",
  accounts: "login",
  textLimit: 1024,
  user: "sniper",
  gaps: [],
  connectAttributes: true,
  history: "innodb_metrics",
  compound: false,
  replicaStatus: "SHOW REPLICA STATUS",
  replication: { channels: "commit_timestamps", gtids: "gtid_executed", serverId: 1, addresses: [] },
  locks: {
    transactionEvents: true,
    innodbTransactions: true,
    readViews: "writers",
    rowLocks: "data_lock_waits",
    metadataLocks: "metadata_locks",
    tableHandles: true,
    readOnlyLocks: true,
  },
  serverName: "@@server_uuid",
};

/** One row that answers every column; a server that is no replica has no rows beside it. */
const HEALTH: Row = new Proxy<Record<string, string | null>>(
  { server: "a-server", read_only: "0", is_row: null },
  { get: (given, name) => given[String(name)] === undefined ? "1" : given[String(name)] },
);

const THREAD = { end_event_id: null, wait_ms: "1000", command: "Query", user: "app" };
const LIST: readonly Row[] = [
  { ...THREAD, id: 1, thread_id: 40, event_id: 5, end_ms: "900000.000" },
  { ...THREAD, id: 7, thread_id: 41, event_id: 5, text: "SELECT 1" },
  { ...THREAD, id: 8, thread_id: 42, event_id: null, command: "Sleep", time_s: 1 },
];

/** Whose they are. */
const FRONT = new FakeProxy(systemClock.now, {
  connections: [connection({ id: 7, client: client({ user: "app" }) })],
});

/** What an idle session holds: everything that there is to hold. */
const LOCKS: readonly Row[] = ["HANDLE READ EXTERNAL", "HANDLE", "USER EXCLUSIVE", "BACKUP SHARED"].map(
  (lock) => {
    const [object = "", ...type] = lock.split(" ");
    return { id: 8, object, type: type.join(" "), explicit: 1 };
  },
);

/** A look source whose server lists a running and an idle session, neither in a transaction. */
function source(): LookSource {
  const rowsOf = (sql: string) =>
    sql.includes("PROCESSLIST_COMMAND AS command") ? LIST : sql.includes("EXTERNAL_LOCK") ? LOCKS : [];
  const watching = {
    id: 1,
    query: (sql: string) => Promise.resolve(rowsOf(sql)),
    queryAll: () => Promise.resolve([[HEALTH]]),
  };
  return lookSource(
    { watching, capabilities: CAPABILITIES } as unknown as Server,
    { name: "orders", interval: 1000, address: { host: "db1", port: 3306 } },
    {
      clock: systemClock,
      metrics: { current: () => undefined } as unknown as Metrics,
      sources: undefined,
      proxied: proxiedBy([FRONT], systemClock.now),
    },
  );
}

function namesOf(wanted: "database" | "session" | "costly"): readonly string[] {
  const rows = VOCABULARY.rows.filter(({ scope, costly }) => (costly ? "costly" : scope) === wanted);
  return rows.map(({ name }) => name);
}

function isKnown(value: unknown): boolean {
  return value !== undefined && !(typeof value === "object" && value !== null && "unknown" in value);
}

Deno.test("every name of a database is set by the read that it needs", async () => {
  for (const name of namesOf("database")) {
    const { health } = await source().health({ needs: new Set([name]), lease: false });
    assert(isKnown(health[name]), name);
  }
});

Deno.test("every name of the list of sessions is set with the list", async () => {
  const sessions = await source().sessions({ uptime: 3_600_000 });
  assertEquals(sessions.map(({ id }) => id), [7, 8]);
  for (const name of namesOf("session")) {
    assert(sessions.some((session) => isKnown(valueOf(session, name))), name);
  }
});

Deno.test("every costly name of a session is set by the read that it needs", async () => {
  for (const name of [...namesOf("costly"), "tag.route", "attribute.team"]) {
    const { sessions } = await detailsFor(name);
    assert(sessions.some((session) => isKnown(valueOf(session, name))), name);
  }
});

Deno.test("every name of what a connection holds is told of one that holds all of it", async () => {
  const names = namesOfPart("holds");
  const { sessions } = await detailsFor(...names);
  const idle = sessions.find(({ id }) => id === 8)!;
  assertEquals(names.filter((name) => idle[name] !== true), []);
});

function valueOf(session: Session, name: string): unknown {
  return (session as Readings)[name];
}

async function detailsFor(...names: readonly string[]): Promise<SessionDetails> {
  const reads = source();
  const sessions = reads.alike(await reads.sessions({ uptime: 3_600_000 }));
  // Nobody waits for a row: then the locks of rows are not read.
  const health = { row_lock_waits: 0 };
  const ids = new Set([7, 8]);
  return await reads.details(sessions, {
    ids,
    needs: new Set(names),
    selecting: new Set(),
    tags: ["route"],
    health,
  });
}
