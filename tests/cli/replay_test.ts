import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import type { DecisionReport } from "../../src/recording/rehearsal.ts";
import { newRecordingWriter } from "../../src/recording/recording_writer.ts";
import { policy, rules, session } from "../policy/fixture.ts";
import { type ProgramResult, runProgram } from "../program.ts";
import { sample } from "../pages.ts";
import { lookAt, recordOf } from "../recording/recording_fixture.ts";

const RECORDED = rules([policy({ where: "time > 10s and sql like '%night%'" })]);

/** Runs `replay` on a recording of one look at the database "shop", and configurations of these policies. */
async function replay(
  policies: Readonly<Record<string, string>>,
  args: readonly string[],
  { cut = 0 } = {},
): Promise<ProgramResult> {
  const folder = await Deno.makeTempDir();
  try {
    const { kept, record } = recordOf(RECORDED);
    const file = join(folder, "recording.jsonl.gz");
    const at = "2026-11-21T10:00:00.000Z";
    const header = { version: "0.1.0", at, databases: [kept, { ...kept, name: "other" }] };
    const writer = await newRecordingWriter(file, { max: 1e6, header });
    const sessions = [
      session({ sql: "SELECT 'night' FROM a" }),
      session({ id: 2, user: "joe", sql: "SELECT 4711 FROM b" }),
    ];
    await writer.write(record(await lookAt({ now: 0, health: {}, sessions }, RECORDED), 0));
    await writer.close("SIGINT");
    if (cut > 0) await Deno.truncate(file, writer.bytes - cut);
    for (const [name, list] of Object.entries(policies)) {
      await Deno.writeTextFile(
        join(folder, name),
        `budget: { share: 100% }\npolicies: [${list}]\ndatabases: [{ name: shop, host: h }]\n`,
      );
    }
    return await runProgram(["replay", ...args], { cwd: folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const LONG = "{ name: long, where: \"time > 10s and user = 'app'\", then: kill query }";
const NIGHT = "{ name: nightly, where: \"running and sql like '%night%'\", then: kill connection }";
const OTHER = "{ name: day, where: \"running and sql like '%day%'\", then: kill query }";
const FILE = "recording.jsonl.gz";
const NOT_CONFIGURED = "other: it is in the recording, and not in";

Deno.test("replay tells what would have been killed, and by which recorded truth", async () => {
  const { code, stdout, stderr } = await replay({ "a.yaml": `${NIGHT}, ${LONG}` }, [FILE, "-c", "a.yaml"]);
  assertEquals([code, stderr], [0, `${NOT_CONFIGURED} a.yaml\n`]);
  assertEquals(stdout, sample("replay-output"));
  const json = await replay({ "a.yaml": NIGHT }, [FILE, "-c", "a.yaml", "--format", "json"]);
  const [decision, summary] = json.stdout.trim().split("\n").map((line) => JSON.parse(line));
  const { kind, verdict, from_recorded_truth, statement } = decision as DecisionReport;
  assertEquals([kind, verdict, from_recorded_truth], ["decision", "would-kill", true]);
  assertEquals(statement!.digest_text, "SELECT ? FROM `a`");
  assertEquals([summary.kind, summary.looks, summary.policies[0].would_kill], ["summary", 1, 1]);
});

Deno.test("replay names a policy that asks for what was not recorded, and exits with 1", async () => {
  const { code, stdout } = await replay({ "a.yaml": `${OTHER}, ${LONG}` }, [FILE, "-c", "a.yaml"]);
  assertEquals(code, 1);
  assertStringIncludes(stdout, "\n  day: not recorded: sql like '%day%'\n");
  assertStringIncludes(stdout, " long    would kill query  1 ");
});

Deno.test("replay --compare tells the difference between two configurations, and why", async () => {
  const other = LONG.replace("user = 'app'", "user = 'joe'");
  const args = [FILE, "-c", "new.yaml", "--compare", "old.yaml"];
  const { code, stdout } = await replay({ "old.yaml": `${LONG}, ${OTHER}`, "new.yaml": other }, args);
  assertEquals(code, 1);
  assertEquals(
    stdout.split("\n").slice(1, -1),
    [
      "  killed only by old.yaml: 1; only by new.yaml: 1; by both: 0",
      "  day: not recorded: sql like '%day%' (old.yaml)",
      "",
      "  killed only by old.yaml:",
      "  TIME          POLICY  VERDICT           SESSION  USER  STATEMENT",
      "  10:00:00.000  long    would kill query  1        app   SELECT ? FROM `a`",
      "    time > 10s: 1m",
      "    user = 'app'",
      "    not by new.yaml: not selected; user = 'joe': 'app'",
      "",
      "  killed only by new.yaml:",
      "  TIME          POLICY  VERDICT           SESSION  USER  STATEMENT",
      "  10:00:00.000  long    would kill query  2        joe   SELECT ? FROM `b`",
      "    time > 10s: 1m",
      "    user = 'joe'",
      "    not by old.yaml: not selected; user = 'app': 'joe'",
    ],
  );
  const same = await replay({ "old.yaml": NIGHT, "new.yaml": `${LONG}` }, [...args, "--format", "json"]);
  const [difference, comparison] = same.stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals([difference.killed_by, difference.old.policy, difference.new.policy], [
    "both",
    "nightly",
    "long",
  ]);
  assertEquals([comparison.only_old, comparison.only_new, comparison.both], [0, 0, 1]);
});

Deno.test("replay says in words what is wrong with a file, and what it was called with", async () => {
  const configs = { "a.yaml": LONG };
  const cases: readonly (readonly [args: readonly string[], code: number, message: string])[] = [
    [["-c", "a.yaml"], 2, "replay needs the file of a recording"],
    [[FILE, "b", "-c", "a.yaml"], 2, 'replay takes one file: "b"'],
    [["none.gz", "-c", "a.yaml"], 1, "none.gz: cannot read the file: it does not exist\n"],
    [[".", "-c", "a.yaml"], 1, ".: cannot read the file: it is a directory\n"],
    [["a.yaml", "-c", "a.yaml"], 1, "a.yaml: it is no recording of query-sniper, or it is damaged\n"],
    [
      [FILE, "-c", "a.yaml", "--database", "shp"],
      2,
      'no database of this name: "shp" (did you mean "shop"?)',
    ],
    [[FILE, "-c", "a.yaml", "--database", "other"], 2, "no database that was recorded and is configured"],
  ];
  for (const [args, expected, message] of cases) {
    const { code, stderr } = await replay(configs, args);
    assertEquals(code, expected, stderr);
    assertStringIncludes(stderr, message);
  }
  const { code, stdout, stderr } = await replay(configs, [FILE, "-c", "a.yaml"], { cut: 25 });
  assertEquals(code, 0);
  assertStringIncludes(
    stderr,
    `${FILE}: it was cut off, or is damaged: what can be read of it is replayed\n`,
  );
  assertStringIncludes(stdout, "shop: 1 look");
});

Deno.test("record says what is wrong with its bounds", async () => {
  const cases = [
    ["--for", "10", '--for is a duration such as 10m: "10"'],
    ["--max-size", "1KiB", '--max-size is a size such as 100MiB, 64KiB at least: "1KiB"'],
  ] as const;
  for (const [option, value, message] of cases) {
    const { code, stderr } = await runProgram(["record", option, value]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, message);
  }
});
