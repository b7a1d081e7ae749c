import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Capabilities, readSessions, VOCABULARY } from "../../src/mysql/mod.ts";
import type { Connection, Row } from "../../src/connection/mod.ts";
import { compileExpression, type Expression, type Readings } from "../../src/language/mod.ts";
import type { Session } from "../../src/policy/mod.ts";
import { Client, requireFlavors, startPair } from "../lab/mod.ts";

// What the server filters is compared with what the language says of the same rows, on the server itself: the
// program's own statement, with a table of made-up rows in place of the process list.

const OWN = 4711;
const UPTIME = 3_600_000;
const DATABASE: Readings = {
  hll: 5,
  threads_running: { unknown: "not read" },
  threads_connected: { unknown: "not all of it", atLeast: 3 },
  lag: { unknown: "not all of it", atLeast: 10_000 },
  replica: true,
  flavor: "mysql",
};
const LIMITS = { query_time: 10_000 };

/** Clauses that the server can work out, in all three truths. */
const PUSHED = [
  "running",
  "idle",
  "user = 'app'",
  "user != 'App'",
  "'app ' = user",
  "user in ('ä', 'app', '')",
  "user not in ('app', 'b''c')",
  "host = '10.0.0.1'",
  "host != ''",
  "db = ''",
  "db = user",
  "db in ('test', user)",
  "command = 'Sleep'",
  "command in ('Query', 'Execute')",
  "state = 'Sending data'",
  "time > 10s",
  "time <= limits.query_time",
  "time = 10s",
  "not time < 1ms",
  "time is known",
  "time is unknown",
  "id > 3",
  "id = hll",
  "hll > 1",
  "threads_running > 1",
  "threads_running is unknown",
  "threads_connected >= 3",
  "threads_connected > 3",
  "threads_connected is unknown",
  "threads_connected in (2, 3)",
  "id > threads_connected",
  "id >= threads_connected",
  "threads_connected != id",
  "threads_connected > threads_running",
  "lag > limits.query_time",
  "lag >= time",
  "time > lag",
  "lag = lag",
  "replica",
  "flavor = 'mysql'",
  "flavor = user",
  "running = replica",
  "idle != running",
  "always",
  "false",
];

/** Clauses that it cannot. */
const LOCAL = [
  "verb = 'select'",
  "sql like '%secret%'",
  "user like 'a%'",
  "user matches '^a'",
  "sql = ''",
  "verb is known",
];

const USERS = ["app", "App", "app ", "ä", "", "b'c", "test", null];
const HOSTS = ["10.0.0.1", "", null];
const DBS = ["test", "app", "TEST", null];
const STATES = ["Sending data", "", null];
const TIMES = [0, 0.5, 1, 9999.999, 10_000, 10_000.001, 50_000, -5, 4_294_967_295_000, null];
const TEXTS = ["SELECT 'secret'", "UPDATE t SET a = 1", null];

const rowsOf = fc.array(
  fc.record({
    user: fc.constantFrom(...USERS),
    host: fc.constantFrom(...HOSTS),
    db: fc.constantFrom(...DBS),
    command: fc.constantFrom("Sleep", "Query", "Execute"),
    state: fc.constantFrom(...STATES),
    age: fc.constantFrom(...TIMES),
    text: fc.constantFrom(...TEXTS),
  }),
  { minLength: 1, maxLength: 20 },
);
type Made = (typeof rowsOf extends fc.Arbitrary<infer T> ? T : never)[number];

const { expression } = fc.letrec<{ expression: string; clause: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    tie("clause"),
    fc.tuple(tie("expression"), fc.constantFrom("and", "or"), tie("expression"))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    tie("expression").map((operand) => `not (${operand})`),
  ),
  clause: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...PUSHED) },
    { weight: 1, arbitrary: fc.constantFrom(...LOCAL) },
  ),
}));

function compiled(source: string): Expression {
  const result = compileExpression(source, {
    vocabulary: VOCABULARY,
    scope: "session",
    limits: new Map([["query_time", "duration"]]),
  });
  if (!result.ok) throw new Error(`${source}: ${JSON.stringify(result.problems)}`);
  return result.expression;
}

/** A table of rows, in SQL. */
function table(rows: readonly Readonly<Record<string, string | number | null>>[]): string {
  const literal = (value: string | number | null) =>
    typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
  return `(${
    rows.map((row) =>
      `SELECT ${Object.entries(row).map(([name, value]) => `${literal(value)} AS ${name}`).join(", ")}`
    ).join(" UNION ALL ")
  })`;
}

/** The program's statement, about these rows. */
const TABLES: Readonly<
  Record<"statement_events" | "process_list_ms", (sql: string, rows: readonly Made[]) => string>
> = {
  process_list_ms: (sql, rows) => {
    const list = rows.map(({ user, host, db, command, state, age, text }, index) => ({
      ID: index,
      USER: user,
      HOST: host === null ? null : `${host}:50000`,
      DB: db,
      COMMAND: command,
      STATE: state,
      TIME_MS: age,
      QUERY_ID: index + 1,
      INFO: command === "Sleep" ? null : text,
    }));
    return sql.replace(
      "information_schema.PROCESSLIST",
      `${table([{ ...list[0]!, ID: OWN }, ...list])} AS p`,
    );
  },
  statement_events: (sql, rows) => {
    const threads = rows.map(({ user, host, db, command, state }, index) => ({
      PROCESSLIST_ID: index,
      PROCESSLIST_USER: user,
      PROCESSLIST_HOST: host,
      PROCESSLIST_DB: db,
      PROCESSLIST_COMMAND: command,
      PROCESSLIST_STATE: state,
      PROCESSLIST_TIME: 1,
      THREAD_ID: index,
      NAME: "thread/sql/one_connection",
    }));
    const events = rows.map(({ command, age, text }, index) => ({
      THREAD_ID: index,
      EVENT_ID: 7,
      EVENT_NAME: "statement/sql/select",
      END_EVENT_ID: command === "Sleep" ? 8 : null,
      NESTING_EVENT_LEVEL: 0,
      TIMER_WAIT: age === null ? null : age * 1e9,
      TIMER_END: 1e12,
      SQL_TEXT: text,
      DIGEST: null,
    }));
    const own = { PROCESSLIST_ID: OWN, THREAD_ID: OWN };
    return sql
      .replace("performance_schema.threads t", `${table([{ ...threads[0]!, ...own }, ...threads])} AS t`)
      .replace(
        "performance_schema.events_statements_current e",
        `${table([{ ...events[0]!, THREAD_ID: OWN }, ...events])} AS e`,
      );
  },
};

for (const flavor of await requireFlavors()) {
  Deno.test(`what ${flavor} filters is what the language selects`, async () => {
    await using pair = await startPair(flavor);
    await using client = await Client.connect(pair.primary);
    const sessions = flavor === "mysql" ? "statement_events" : "process_list_ms";
    const capabilities = { sessions, textLimit: 1024, connectAttributes: false } as Capabilities;
    const read = (rows: readonly Made[], wanted?: Expression, window = 0): Promise<readonly Session[]> => {
      const query = (sql: string) => client.query(TABLES[sessions](sql, rows)) as Promise<readonly Row[]>;
      const constants = (name: string) =>
        name.startsWith("limits.") ? LIMITS[name.slice(7) as keyof typeof LIMITS] : DATABASE[name];
      return readSessions({ id: OWN, query } as unknown as Connection, capabilities, {
        uptime: UPTIME,
        ...wanted && { wanted: [{ tree: wanted.tree, running: false, window, constants }] },
      });
    };
    const selected = (sessions: readonly Session[], { evaluate }: Expression) =>
      sessions.filter((session) =>
        evaluate({ limits: LIMITS, database: DATABASE, session: session as unknown as Readings }) === true
      ).map(({ id }) => id).toSorted();
    await fc.assert(
      fc.asyncProperty(rowsOf, expression, async (rows, source) => {
        const where = compiled(source);
        const [all, filtered] = [await read(rows), await read(rows, where)];
        assertEquals(all.length, rows.length);
        assertEquals(selected(filtered, where), selected(all, where), `lost: ${source}`);
        if (LOCAL.some((clause) => source.includes(clause))) return;
        assertEquals(filtered.map(({ id }) => id).toSorted(), selected(all, where), `inexact: ${source}`);
      }),
      { numRuns: 400 },
    );
    // Whoever will be selected within the window is let through now.
    const ages = (session: Session, more: number) => ({
      ...session,
      ...typeof session.time === "number" && { time: session.time + more },
      ...typeof session.idle_time === "number" && { idle_time: session.idle_time + more },
    });
    await fc.assert(
      fc.asyncProperty(rowsOf, expression, fc.nat({ max: 41_000 }), async (rows, source, window) => {
        const where = compiled(source);
        const [all, filtered] = [await read(rows), await read(rows, where, window)];
        const let_through = new Set(filtered.map(({ id }) => id));
        for (const more of [0, window / 1000, window / 2, window]) {
          const later = selected(all.map((session) => ages(session, more)), where);
          assertEquals(later.filter((id) => !let_through.has(id)), [], `lost in ${more} ms: ${source}`);
        }
      }),
      { numRuns: 200 },
    );
  });
}
