import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { systemClock } from "../../src/clock.ts";
import type { DecisionReport } from "../../src/recording/rehearsal.ts";
import type { RecordedLook } from "../../src/recording/mod.ts";
import { Client, type LabPair, type LabServer, waitFor } from "../lab/mod.ts";
import { type ProgramResult, runProgram, startProgram } from "../program.ts";
import {
  appClients,
  INTERRUPTED,
  killsOf,
  linesOf,
  onEachFlavor,
  slowQuery,
  start,
  startSniper,
  writeConfig,
} from "../integration/fixture.ts";

const RULES = `
  metrics: { queue: { sql: "SELECT 5", every: 1s } }
  policies:
    - { name: holders, where: "blocking > 0 and not waiting", then: kill connection }
    - { name: nightly, when: metric.queue > 3, where: "running and sql like '%night-run%' and time > 300ms", then: kill query }
    - { name: crowd, when: threads_running > 3, for: 300ms, where: "running and verb = 'select' and time > 500ms", then: kill query }
    - { name: watched, where: "idle and rows_modified > 0", then: log }
  protect: ["sql like '%keep-4711%'"]
`;

/** Sessions that come and go while something records. */
async function incident(primary: LabServer): Promise<void> {
  await using apps = await appClients(primary, 6);
  const [writer, waiter, nightly, kept, reader, late] = apps.clients as [
    ...[Client, Client, Client],
    ...[Client, Client, Client],
  ];
  await writer.query("CREATE TABLE recorded (id INT PRIMARY KEY, name VARCHAR(20))");
  await writer.query("BEGIN");
  await writer.query("INSERT INTO recorded VALUES (1, 'sesame-4711')");
  const running = [
    start(waiter, "INSERT INTO recorded VALUES (1, 'sesame-4711')"),
    start(nightly, slowQuery(3.4, "night-run")),
    start(kept, slowQuery(4, "keep-4711")),
    start(reader, slowQuery(4)),
  ];
  await systemClock.sleep(2600);
  running.push(start(late, slowQuery(0.3)));
  await systemClock.sleep(200);
  await writer.query("ROLLBACK");
  await Promise.all(running.map(({ error }) => error));
  await writer.query("DROP TABLE recorded");
}

interface Recorded extends AsyncDisposable {
  readonly file: string;
  readonly config: string;
  readonly result: ProgramResult;
  /** What is in the file. */
  readonly text: string;
  readonly looks: readonly RecordedLook[];
  /** The `kill` events of a dry run beside it. */
  readonly kills: readonly string[];
}

/** Records an incident, while a dry run looks on. */
async function recordIncident({ primary }: LabPair, args: readonly string[] = []): Promise<Recorded> {
  const { name, host, port } = primary;
  // Two programs that look more often keep each other from what is new in InnoDB's list of transactions.
  const database = `{ name: ${name}, host: ${host}, port: ${port}, interval: 450ms }`;
  const written = await writeConfig({ mode: "dry-run", rules: RULES, databases: [database] });
  const file = join(written.folder, "recording.jsonl.gz");
  const config = written.file;
  await using recorder = startProgram(["record", "-c", config, "--output", file, ...args]);
  await using live = startProgram(["run", "-c", config, "--log-format", "json"]);
  await recorder.line("its first line", (line) => line.startsWith("recording 1 database to "));
  await live.event("it is connected", ({ event }) => event === "connected");
  await incident(primary);
  await live.stop();
  const result = await recorder.stop("SIGINT");
  const text = gunzipSync(await Deno.readFile(file)).toString();
  const looks = text.trim().split("\n").slice(1, -1).map((line) => JSON.parse(line) as RecordedLook);
  const kills = killsOf(live.lines);
  return {
    file,
    config,
    result,
    text,
    looks,
    kills,
    [Symbol.asyncDispose]: () => written[Symbol.asyncDispose](),
  };
}

function replay({ file, config }: Recorded, args: readonly string[] = []): Promise<ProgramResult> {
  return runProgram(["replay", file, "-c", config, "--format", "json", ...args]);
}

/** Each decision, as `POLICY VERDICT ID`, in order. */
function decisionsOf(result: ProgramResult): readonly string[] {
  return linesOf(result).map((line) => JSON.parse(line) as DecisionReport)
    .filter(({ kind }) => kind === "decision")
    .map(({ at, policy, verdict, reason, session }) => `${at} ${policy} ${reason ?? verdict} ${session.id}`);
}

await onEachFlavor("record and replay", [
  ["a replay decides as was decided live, and the recording has no literal", async (pair) => {
    await using recorded = await recordIncident(pair);
    const { result, text, looks, kills } = recorded;
    assertEquals([result.code, result.stderr], [0, ""]);
    assertMatch(
      linesOf(result)[1]!,
      new RegExp(`: [\\d.]+KiB, looks: ${pair.primary.name} \\d+; ended by SIGINT$`),
    );
    // Only in the clauses of the configuration, which ask for it.
    assert(!/\b4711\b/.test(text.replaceAll("%keep-4711%", "")) && !text.includes("sesame"), text);
    const live = looks.flatMap(({ at, decisions }) =>
      decisions.map(({ policy, verdict, reason, session }) =>
        `${at} ${policy} ${reason ?? verdict} ${session}`
      )
    );
    const replayed = await replay(recorded);
    assertEquals([replayed.code, replayed.stderr], [0, ""]);
    assertEquals(decisionsOf(replayed), live);
    const policies = new Set(live.map((decision) => decision.split(" ").slice(1, 3).join(" ")));
    assertEquals([...policies].toSorted(), [
      "crowd protected",
      "crowd would-kill",
      "holders would-kill",
      "nightly would-kill",
      "watched match",
    ]);
    // The service, which looked at other moments and read less, would have killed the same sessions.
    const killed = live.map((decision) => decision.split(" ")).filter(([, , what]) => what !== "match")
      .map(([, , what, id]) => `${what} ${id}`);
    assertEquals(new Set(killed), new Set(kills));
  }],
  ["with hashed names the same is decided, and no name is told", async (pair) => {
    await using recorded = await recordIncident(pair, ["--hash-names"]);
    const { text, looks } = recorded;
    for (const name of ["127.0.0.1", '"app"', "`test`", '"test"', "recorded`", '"recorded"']) {
      assert(!text.includes(name), name);
    }
    const replayed = await replay(recorded);
    assertEquals([replayed.code, replayed.stderr], [0, ""]);
    assertEquals(decisionsOf(replayed).length, looks.flatMap(({ decisions }) => decisions).length);
    assertStringIncludes(replayed.stdout, '"policy":"holders"');
  }],
  ["the looks before a kill are evidence, of what was read", async ({ primary }) => {
    const policies = `
      evidence: { keep: 1m }
      policies:
        - { name: long, where: "running and sql like '%4711%' and time > 1s", then: kill query }`;
    await using apps = await appClients(primary, 1);
    await using sniper = await startSniper({ rules: policies, databases: [primary] });
    await sniper.event("it is connected", ({ event }) => event === "connected");
    const victim = start(apps.clients[0]!, slowQuery(20));
    const { file, looks } = await sniper.event("the evidence", ({ event }) => event === "evidence");
    assertEquals(await victim.error, INTERRUPTED);
    await sniper.stop();
    const text = gunzipSync(await Deno.readFile(String(file))).toString();
    assertEquals(text.trim().split("\n").length, Number(looks) + 2);
    assert(!/\b4711\b/.test(text.replaceAll("'%4711%'", "")), text);
    const config = join(sniper.folder, "query-sniper.yaml");
    const replayed = await runProgram(["replay", String(file), "-c", config, "--format", "json"]);
    assertEquals([replayed.code, replayed.stderr], [0, ""]);
    assertMatch(decisionsOf(replayed).join("\n"), new RegExp(`^\\S+ long would-kill ${victim.id}$`));
    const other = (await Deno.readTextFile(config)).replace("time > 1s", "time > 500ms");
    await Deno.writeTextFile(config, other);
    const asked = await runProgram(["replay", String(file), "-c", config]);
    assertEquals(asked.code, 1);
    assertMatch(asked.stdout, /\n {2}long: not recorded: the sessions that it asks for, at 20\S+Z\n/);
  }],
  ["a recording ends by itself, and what a killed recorder leaves can be replayed", async (pair) => {
    const databases = [pair.primary, "{ name: nobody, host: 127.0.0.1, port: 1 }"];
    await using written = await writeConfig({ rules: RULES, databases });
    const file = join(written.folder, "recording.jsonl.gz");
    const ended = await runProgram(["record", "-c", written.file, "--output", file, "--for", "500ms"]);
    assertEquals(ended.code, 1);
    assertMatch(ended.stdout, /looks: \S+-primary [1-9]\d*, nobody 0; ended by --for\n$/);
    assertMatch(ended.stderr, /^nobody: nothing listens there: .*\n$/);
    const again = await runProgram(["record", "-c", written.file, "--output", file]);
    assertEquals([again.code, again.stderr], [1, `query-sniper: cannot write ${file}: it exists already\n`]);
    await Deno.remove(file);
    const full = await runProgram(["record", "-c", written.file, "--output", file], { fileLimitKiB: 2 });
    assertEquals(full.code, 1);
    assertMatch(full.stderr, /query-sniper: cannot write .*recording.jsonl.gz: "?File too large/);
    assertMatch(
      (await runProgram(["replay", file, "-c", written.file])).stdout,
      /-primary: [1-9]\d* looks?, /,
    );
    await Deno.remove(file);
    await using recorder = startProgram(["record", "-c", written.file, "--output", file]);
    await recorder.line("its first line", (line) => line.startsWith("recording"));
    const replay = () => runProgram(["replay", file, "-c", written.file]);
    await waitFor("a look in the file", async () => /-primary: [1-9]/.test((await replay()).stdout));
    await recorder.stop("SIGKILL");
    const replayed = await replay();
    assertEquals(replayed.code, 0);
    assertMatch(replayed.stderr, /it was cut off, or is damaged: what can be read of it is replayed\n$/);
    assertMatch(replayed.stdout, /-primary: [1-9]\d* looks?, /);
  }],
], { alone: true });
