// The gallery in docs/from-pt-kill.md: each habit of pt-kill and the policy for it, run by both tools on the same sessions.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { intentRows } from "../journal/rows.ts";
import { systemClock } from "../../src/clock.ts";
import { Folder } from "../config/folder.ts";
import { gallery, galleryConfig, type GalleryRow } from "../gallery.ts";
import {
  ACCOUNTS,
  Client,
  type Flavor,
  type LabPair,
  type LabServer,
  requireFlavors,
  startPair,
} from "../lab/mod.ts";
import { type LoggedEvent, runProgram } from "../program.ts";
import {
  appClients,
  INTERRUPTED,
  killsOf,
  linesOf,
  slowQuery,
  start,
  withLockInfo,
  writeConfig,
} from "../integration/fixture.ts";
import { LONG_S, setStage, type Stage } from "./gallery_stage.ts";
import { findPtKill, printedIds, run, runPtKill } from "./pt_kill.ts";

/** Whom only one of the tools selects. */
interface Difference {
  readonly theirs?: readonly string[];
  readonly ours?: readonly string[];
  /** On this flavor only; else there is none. */
  readonly only?: Flavor;
  /** They select nobody in common. */
  readonly disjoint?: true;
}

/** For each row whose comment on the page says that they differ: how, exactly. */
const DIFFERENCES: Readonly<Record<string, Difference>> = {
  "busy-time": { theirs: ["alter"] },
  user: { theirs: ["idle", "young idle", "young prepared"] },
  select: { theirs: ["young prepared"], ours: ["comment", "parenthesis", "small", "with"] },
  culprit: { theirs: ["update", "waiter"], ours: ["holder"], disjoint: true },
  "idle-connection": { theirs: ["holder"] },
  host: {
    ours: [
      ...[
        "alike 1",
        "alike 2",
        "alike 3",
        "alike 4",
        "alike 5",
        "alike 6",
        "batch",
        "comment",
        "holder",
        "idle",
      ],
      ...["idle report", "oldest", "parenthesis", "prepared", "read", "report", "small", "string", "update"],
      ...["waiter", "with", "young idle", "young prepared", "young read"],
    ],
    disjoint: true,
  },
  tag: { theirs: ["string"] },
  stampede: { theirs: ["alike 1", "alike 2"] },
  "greedy-user": { ours: ["comment", "parenthesis", "read", "small", "string", "update", "waiter", "with"] },
  "any-busy-time": { theirs: ["idle", "young idle", "young prepared", "young read"] },
  everybody: { theirs: ["dump"], only: "mysql" },
};

const isThere = await findPtKill();

Deno.test("the gallery says of a row that the tools differ where the test knows how, and only there", () => {
  const differing = gallery().filter(({ differs }) => differs !== undefined).map(({ name }) => name);
  assertEquals(differing, Object.keys(DIFFERENCES));
  for (const { name, action, policy } of gallery()) assertEquals(policy["then"], action, name);
});

Deno.test("the gallery's policies are valid, and only the one that ends everybody is doubtful", async () => {
  const text = galleryConfig(gallery(), { host: "10.0.0.1", port: 3306 });
  await using folder = await Folder.make({
    "query-sniper.yaml": text,
    "credentials.yaml": "default: { user: sniper, password: x }\n",
  });
  const { code, stderr } = await runProgram(["validate-config", folder.file("query-sniper.yaml")]);
  const [doubt, ...others] = stderr.trimEnd().split("\n").map((line) =>
    line.replace(/^.*?: databases/, "databases")
  );
  const words = "without a gate this ends all sessions but those that it excludes: \"user != 'dba'\"";
  assertEquals({ code, others }, { code: 0, others: [] });
  assertEquals(doubt?.replace(/^databases\[\d+\]\./, ""), `policies.everybody.where: warning: ${words}`);
});

Deno.test({
  name: "a file of --test-matching, as a test of policies, has the same victims",
  ignore: !isThere,
  fn: testMatching,
});

for (const flavor of await requireFlavors()) {
  Deno.test({
    name: `the gallery of pt-kill's habits on ${flavor}`,
    ignore: !isThere,
    async fn(t) {
      await using pair = await startPair(flavor);
      await t.step("each row has the victims that its policy has, but for what it says", () => compare(pair));
      await t.step("what is killed is logged, and one file stops it", () => stopAndLog(pair));
    },
  });
}

/** A row at the scale of the lab. */
function lowered(row: GalleryRow): GalleryRow {
  const text = JSON.stringify(row)
    .replace(/\b60(?=s?\b)/g, String(LONG_S))
    .replaceAll("10\\\\.0\\\\.0\\\\.5", "127\\\\.0\\\\.0\\\\.1")
    .replaceAll("10.0.0.5", "127.0.0.1");
  return JSON.parse(text) as GalleryRow;
}

async function compare(pair: LabPair): Promise<void> {
  const { primary, flavor } = pair;
  const rows = gallery().map(lowered);
  await using _info = await withLockInfo(pair, primary);
  await using stage = await setStage(primary);
  const expected = rows.map(({ name }) => {
    const { only = flavor, theirs = [], ours = [], disjoint = false } = DIFFERENCES[name] ?? {};
    return [name, only === flavor ? { theirs, ours, disjoint } : { theirs: [], ours: [], disjoint }];
  });
  // MariaDB shows a session as Busy, and not what it does, to one of many who read at a moment: look again.
  for (let attempt = 1;; attempt++) {
    const found = await differences(rows, stage, primary);
    if (attempt < 3 && JSON.stringify(found) !== JSON.stringify(expected)) continue;
    return assertEquals(Object.fromEntries(found), Object.fromEntries(expected));
  }
}

/** For each row: whom only one of the tools selects. */
async function differences(rows: readonly GalleryRow[], stage: Stage, server: LabServer) {
  const theirs = await look(stage, () => printed(rows, server));
  const ours = await look(stage, () => wouldKill(rows, server));
  const without = (these: readonly string[], those: readonly string[]) =>
    these.filter((name) => !those.includes(name)).toSorted();
  return rows.map(({ name }, row) => {
    const [their, our] = [theirs[row]!, ours[row]!];
    const disjoint = !our.some((name) => their.includes(name));
    return [name, { theirs: without(their, our), ours: without(our, their), disjoint }];
  });
}

/** Whom a tool names for each row. */
type Named<T> = readonly (readonly T[])[];

/** Looks again where the machine was so slow that the young sessions may have got old meanwhile. */
async function look(stage: Stage, tool: () => Promise<Named<number>>): Promise<Named<string>> {
  for (let attempt = 1; attempt <= 10; attempt++) {
    const begun = performance.now();
    await stage.renew();
    const seen = await tool();
    if (performance.now() - begun > (LONG_S - 0.5) * 1_000) continue;
    return seen.map((ids) => ids.flatMap((id) => stage.nameOf(id) ?? []));
  }
  throw new Error(`This machine is too slow: a look takes more than ${LONG_S} s`);
}

/** Whom pt-kill would kill, by `--print`. */
async function printed(rows: readonly GalleryRow[], server: LabServer): Promise<Named<number>> {
  return await Promise.all(rows.map(async ({ ptKill }) => {
    const result = await runPtKill([...ptKill, "--print"], {
      server,
      account: ACCOUNTS.sniper,
      sentinel: "/nonexistent/sentinel",
    });
    assertEquals([result.code, result.stderr], [0, ""]);
    return printedIds(result);
  }));
}

/**
 * Whom the policies would kill, by a dry run. All ask one server at one moment, which nobody does else: what InnoDB shows
 * would be out of date for those that select by it. They look one after the other.
 */
async function wouldKill(rows: readonly GalleryRow[], server: LabServer): Promise<Named<number>> {
  const together = await rehearse(rows.filter((row) => !asksInnodb(row)), server);
  const found = new Map(together);
  for (const row of rows.filter(asksInnodb)) {
    for (const [name, ids] of await rehearse([row], server)) found.set(name, ids);
  }
  return rows.map(({ name }) => found.get(name) ?? []);
}

function asksInnodb({ policy }: GalleryRow): boolean {
  return /transaction|blocking|waiting|pins_purge|rows_/.test(String(policy["where"]));
}

/** By row, the sessions that its policy would kill. */
async function rehearse(rows: readonly GalleryRow[], server: LabServer) {
  await using written = await writeConfig({ rules: "", databases: [] });
  await Deno.writeTextFile(written.file, galleryConfig(rows, server));
  const { code, stdout, stderr } = await runProgram(["once", "-c", written.file, "--log-format", "json"]);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const told = linesOf({ stdout }).map((line) => JSON.parse(line) as Told)
    .filter(({ outcome }) => outcome === "would-kill");
  return rows.map(({ name }) =>
    [name, told.flatMap(({ database, session }) => database === name ? [session.id] : [])] as const
  );
}

interface Told extends LoggedEvent {
  readonly outcome?: string;
  readonly database: string;
  readonly session: { readonly id: number };
}

const KILLING = ["--busy-time", "1", "--match-command", "^Query$", "--kill-query", "--print"];
const RULES = "policies: [{ name: long, where: \"user = 'app' and time > 1s\", then: kill query }]";

async function stopAndLog({ primary }: LabPair): Promise<void> {
  await using apps = await appClients(primary, 2);
  const [first, second] = apps.clients as [Client, Client];
  const theirs = start(first, slowQuery(30));
  await systemClock.sleep(1_200); // process lists count whole seconds, and pt-kill takes the oldest
  const ours = start(second, slowQuery(30));
  await systemClock.sleep(1_200);
  await using written = await writeConfig({ rules: RULES, databases: [primary] });
  const sentinel = join(written.folder, "sentinel");
  const pause = join(written.folder, "pause");
  for (const file of [sentinel, pause]) await Deno.writeTextFile(file, "");
  const once = () => runProgram(["once", "-c", written.file, "--log-format", "json"]);
  const ptKill = (args: readonly string[]) =>
    runPtKill(args, { server: primary, account: ACCOUNTS.root, sentinel });

  assertEquals(printedIds(await ptKill(KILLING)), []);
  const paused = killsOf(linesOf(await once()));
  assertEquals(paused.toSorted(), [theirs, ours].map(({ id }) => `paused ${id}`).toSorted());

  for (const file of [sentinel, pause]) await Deno.remove(file);
  const log = `h=${primary.host},P=${primary.port},u=root,p=root,D=test,t=kill_log`;
  const killed = await ptKill([...KILLING, "--log-dsn", log, "--create-log-table"]);
  assertEquals(printedIds(killed), [theirs.id], killed.stderr);
  assertEquals(await theirs.error, INTERRUPTED);
  assertEquals(killsOf(linesOf(await once())), [`killed ${ours.id}`]);
  assertEquals(await ours.error, INTERRUPTED);
  await compareLogs(primary, written.folder, { theirs: theirs.id, ours: ours.id });
}

/** Both logs tell who was killed; the journal has the digest where pt-kill has the statement. */
async function compareLogs(
  server: LabServer,
  folder: string,
  { theirs, ours }: { readonly theirs: number; readonly ours: number },
): Promise<void> {
  await using root = await Client.connect(server, ACCOUNTS.root, { database: "test" });
  const [logged, ...more] = await root.query("SELECT Id AS id, User AS user, Info AS info FROM kill_log");
  await root.query("DROP TABLE kill_log");
  assertEquals([logged!["id"], logged!["user"], more], [theirs, "app", []]);
  assertStringIncludes(String(logged!["info"]), "sesame-4711");
  const rows = intentRows(join(folder, "query-sniper.sqlite"));
  assertEquals(rows.map(({ session }) => session), [ours]);
  assert(!JSON.stringify(rows).includes("sesame"));
}

/** A process list as it may be saved, at its moment. */
const SAVED = [
  { id: 1, user: "app", command: "Query", seconds: 75, sql: "SELECT * FROM orders" },
  { id: 2, user: "app", command: "Query", seconds: 90, sql: "UPDATE orders SET paid = 1" },
  { id: 3, user: "app", command: "Query", seconds: 5, sql: "SELECT * FROM orders" },
  { id: 4, user: "shop", command: "Query", seconds: 300, sql: "SELECT * FROM orders" },
  { id: 5, user: "app", command: "Execute", seconds: 80, sql: "SELECT * FROM orders" },
  { id: 6, user: "app", command: "Sleep", seconds: 80, sql: "" },
] as const;

async function testMatching(): Promise<void> {
  const heads = ["Id", "User", "Host", "db", "Command", "Time", "State", "Info"];
  const lines = SAVED.map(({ id, user, command, seconds, sql }) =>
    [id, user, "10.0.0.5:51234", "shop", command, seconds, "", sql || "NULL"].join("\t")
  );
  await using folder = await Folder.make({ "saved.txt": [heads.join("\t"), ...lines, ""].join("\n") });
  const matching = [
    "--busy-time",
    "60",
    "--match-command",
    "^Query$",
    "--match-user",
    "^app$",
    "--victims",
    "all",
  ];
  const saved = ["--test-matching", folder.file("saved.txt")];
  const result = await run([...saved, ...matching, "--print"]);
  assertEquals([result.code, result.stderr], [0, ""]);

  const policy = {
    name: "long",
    where: "command = 'Query' and user = 'app' and time > 60s",
    then: "kill query",
  };
  const sessions = SAVED.map(({ id, user, command, seconds, sql }) => ({
    ...{ id: `${id}`, user },
    ...sql === "" ? { idle_since: `-${seconds}s` } : { command, sql, started: `-${seconds}s` },
  }));
  const victims = printedIds(result).map(String);
  const database = { name: "orders", host: "10.0.0.1" };
  const budget = { share: "100%" };
  const test = { name: "like pt-kill", sessions, expect: [{ at: "0s", victims }] };
  await using ours = await Folder.make({
    "query-sniper.yaml": JSON.stringify({ budget, policies: [policy], databases: [database] }),
    "like.test.yaml": JSON.stringify({ config: "query-sniper.yaml", tests: [test] }),
  });
  const { code, stdout } = await runProgram(["test", ours.file("like.test.yaml")]);
  assertEquals([victims.toSorted(), code], [["1", "2"], 0], stdout);
}
