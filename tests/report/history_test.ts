import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { levelOf, outcomeEvent, redact } from "../../src/events/mod.ts";
import { addDecision } from "../../src/journal/decisions.ts";
import { entryOfEvent, type SelectionEvent } from "../../src/journal/event_entry.ts";
import { JournalReader } from "../../src/journal/mod.ts";
import { historyOf } from "../../src/report/history.ts";
import { openForTest } from "../journal/filled.ts";
import { withJournal } from "../journal/rows.ts";
import { look, policy, rules, session } from "../policy/fixture.ts";
import { runProgram } from "../program.ts";
import { DAY, JournalFill, type Told } from "./journal_fill.ts";

const BEGIN = Date.UTC(2024, 2, 4);
const QUERY = {
  digest: "v2:00000000000000aa",
  digest_text: "SELECT * FROM `users`",
  verb: "select",
  tables: ["users"],
};
const TIMES = ["--since", "2024-03-04", "--until", "2024-03-05"];

const EVENTS: readonly Told[] = [
  {
    at: BEGIN + 36_180_000,
    query: QUERY,
    tags: { action: "show" },
    session: 7,
    time_ms: 42_000,
    took_ms: 3.4,
  },
  {
    at: BEGIN + 36_181_000,
    outcome: "skipped",
    reason: "budget",
    session: 8,
    user: "batch",
    database: "stock",
  },
  { at: BEGIN + 36_182_000, outcome: "would-kill", policy: "rehearsal", session: 9, host: "", user: "" },
  { at: BEGIN + 36_183_000, outcome: "match", action: "log", session: 10, query: QUERY, program: "web" },
  { at: BEGIN + 36_184_000, outcome: null, session: 11 },
  { at: BEGIN + 36_185_000, outcome: "survived", session: 12, note: "it runs on", action: "kill connection" },
];

/** Runs the program on a journal with these events. */
async function history(args: readonly string[], told: readonly Told[] = EVENTS) {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "query-sniper.sqlite");
    const database = new DatabaseSync(file);
    const fill = new JournalFill(database);
    database.exec("BEGIN");
    for (const each of told) fill.decision(each);
    fill.looks("orders", BEGIN, BEGIN + DAY / 2);
    database.exec("COMMIT");
    database.close();
    return await runProgram(["history", "--journal", file, ...args]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("history tells each decision in a line, why, and what it covers", async () => {
  const { code, stdout, stderr } = await history(TIMES);
  assertEquals([code, stderr], [0, ""]);
  const why = "; time > 10s: 42s";
  assertEquals(stdout.trimEnd().split("\n"), [
    `2024-03-04 10:03:00 orders: kill query, killed in 3 ms: session 7 of app@10.0.0.1 in shop, after 42s: SELECT * FROM \`users\` (long${why}) [v2:00000000000000aa]`,
    `2024-03-04 10:03:01 stock: spared, budget: session 8 of batch@10.0.0.1 in shop (long${why})`,
    `2024-03-04 10:03:02 orders: would kill query session 9 of an unknown user in shop (rehearsal${why})`,
    `2024-03-04 10:03:03 orders: matched session 10 of app@10.0.0.1 in shop by web: SELECT * FROM \`users\` (long${why}) [v2:00000000000000aa]`,
    `2024-03-04 10:03:04 orders: kill query, outcome not known yet: session 11 of app@10.0.0.1 in shop (long${why})`,
    `2024-03-04 10:03:05 orders: kill connection, survived: session 12 of app@10.0.0.1 in shop (long${why}): it runs on`,
    "6 decisions from 2024-03-04 00:00 to 2024-03-05 00:00 UTC; 43,200 looks at 1 database",
    "not looked at: anything for 12h from 2024-03-04 12:00 to 2024-03-05 00:00",
  ]);
});

Deno.test("history finds what was killed at a time, of a session, a user, a policy, a digest, a database or an outcome", async () => {
  const rows: readonly (readonly [readonly string[], readonly number[]])[] = [
    [["--since", "2024-03-04T10:03:00", "--until", "2024-03-04T10:03:02"], [7, 8]],
    [[...TIMES, "--session", "9"], [9]],
    [[...TIMES, "--user", "batch"], [8]],
    [[...TIMES, "--policy", "rehearsal"], [9]],
    [[...TIMES, "--digest", "v2:00000000000000aa"], [7, 10]],
    [[...TIMES, "--digest", "v2:00"], [7, 10]],
    [[...TIMES, "--database", "stock"], [8]],
    [[...TIMES, "--outcome", "open"], [11]],
    [[...TIMES, "--outcome", "match", "--digest", "v2:"], [10]],
    [[...TIMES, "--user", "nobody"], []],
  ];
  for (const [args, sessions] of rows) {
    const { stdout } = await history([...args, "--format", "json"]);
    const found = stdout.split("\n").filter((line) => line !== "").map((line) =>
      JSON.parse(line).session.id as number
    );
    assertEquals(found, sessions, args.join(" "));
  }
});

Deno.test("history --format json has the events as they were told, and csv a line for each", async () => {
  const { stdout, stderr } = await history([...TIMES, "--format", "json"]);
  assertEquals(JSON.parse(stdout.split("\n")[0]!), {
    at: "2024-03-04T10:03:00.000Z",
    level: "warning",
    event: "kill",
    database: "orders",
    policy: "long",
    action: "kill query",
    outcome: "killed",
    took_ms: 3.4,
    because: [{ expression: "time > 10s", left: "42s", right: "10s" }],
    session: { id: 7, user: "app", host: "10.0.0.1", db: "shop", time_ms: 42_000 },
    statement: { ...QUERY, tags: { action: "show" } },
  });
  assertStringIncludes(stderr, "not looked at: anything for 12h");
  const csv = await history([...TIMES, "--format", "csv"]);
  const [heading, first, ...more] = csv.stdout.trimEnd().split("\n");
  assertEquals([heading!.split(",").slice(0, 5), more.length], [[
    "at",
    "database",
    "policy",
    "action",
    "outcome",
  ], 5]);
  assertStringIncludes(
    first!,
    '2024-03-04T10:03:00.000Z,orders,long,kill query,killed,,3.4,42000,7,app,10.0.0.1,shop,,"{""action"":""show""}"',
  );
});

Deno.test("history is read page by page, also of decisions of one moment", async () => {
  const told = Array.from(
    { length: 2500 },
    (_, index): Told => ({ at: BEGIN + 1000 * (index % 2), session: index }),
  );
  const { stdout } = await history([...TIMES, "--format", "json"], told);
  const ids = stdout.trimEnd().split("\n").map((line) => JSON.parse(line).session.id as number);
  assertEquals(
    ids,
    told.toSorted((a, b) => a.at - b.at || a.session! - b.session!).map(({ session }) => session!),
  );
});

Deno.test("what history is not asked well is refused in words", async () => {
  const rows: readonly (readonly [readonly string[], string])[] = [
    [[...TIMES, "--session", "x"], '--session is the id of a session, a whole number: "x"'],
    [
      [...TIMES, "--database", "order"],
      'the journal knows no database of this name: "order" (did you mean "orders"?)',
    ],
    [[...TIMES, "--outcome", "kiled"], '(did you mean "killed"?)'],
    [["--since", "soon"], "expected how long ago, such as 24h"],
    [["--since", "2024-03-05", "--until", "2024-03-04"], "--since has to be before --until"],
    [
      [...TIMES, "--journal", "other.sqlite"],
      "--journal may stand once: write the files of all journals after it",
    ],
  ];
  for (const [args, problem] of rows) {
    const { code, stdout, stderr } = await history(args);
    assertEquals([code, stdout], [2, ""], problem);
    assertStringIncludes(stderr, problem);
  }
  const missing = await runProgram(["history", "--journal", "/nowhere.sqlite"]);
  assertEquals(missing.code, 1);
  assertStringIncludes(missing.stderr, "query-sniper: /nowhere.sqlite: there is no such file");
  const stray = await runProgram(["report", "a.sqlite"]);
  assertStringIncludes(stray.stderr, 'files of journals stand after --journal: "a.sqlite"');
});

Deno.test("an event of the history is the event as it was told", () =>
  withJournal((_journal, file) => {
    const at = BEGIN + 1000;
    const decisions =
      look(rules([policy(), policy({ name: "idle", where: "idle", then: "kill connection" })]), {
        sessions: [
          session({ id: 1, sql: "SELECT * FROM users WHERE id = 7", program: "web", waits_for: "8,9" }),
          session({
            ...{ id: 2, running: false, time: { unknown: "idle" }, proxy: "edge", proxy_session: 17 },
            ...{ client_user: "web", client_host: "10.1.1.1", client_port: 4000, hostgroup: 10 },
          }),
          session({ id: 3, user: { unknown: "x" }, definer: "root", sql: "UPDATE users SET a = 1" }),
        ],
      }).decisions;
    const events = decisions.map((decision, index): SelectionEvent => {
      const escalated = index === 0 ? { ...decision, escalation: true as const } : decision;
      const outcome = { decision: escalated, outcome: "killed", took_ms: 3.25, note: "a note" } as const;
      return redact(outcomeEvent("orders", outcome), "digest") as SelectionEvent;
    });
    assertEquals(events.length, 3);
    {
      using journal = openForTest(file);
      for (const event of events) {
        const took = event.event === "kill" ? event.took_ms ?? null : null;
        addDecision(journal, { ...entryOfEvent(event, { at, hash: "" }), took_ms: took });
      }
    }
    using reader = JournalReader.open(file);
    const told = events.map((event) => ({ at: new Date(at).toISOString(), level: levelOf(event), ...event }));
    const found = [...historyOf(reader, { period: { from: BEGIN, to: BEGIN + DAY } })];
    assertEquals<unknown>(JSON.parse(JSON.stringify(found)), JSON.parse(JSON.stringify(told)));
    assertEquals(
      found.map((each) => Object.keys(each)),
      told.map((each) => Object.keys(each)),
      "also in its order",
    );
    assertEquals(
      found.map(({ session }) => Object.keys(session)),
      told.map(({ session }) => Object.keys(session)),
    );
  }));
