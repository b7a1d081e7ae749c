// Which part of the executions was killed, by dumps of ProxySQL's digests: compared with counts of the events themselves.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Report } from "../../src/report/mod.ts";
import { Folder } from "../config/folder.ts";
import { runProgram } from "../program.ts";
import { jsonLines, zipped } from "../proxysql/dump_files.ts";
import type { Told } from "./journal_fill.ts";
import { DAY } from "./journal_fill.ts";
import { BEGIN, QUERIES, storyOf, writeStory } from "./story.ts";

const TIMES = ["--since", "2024-03-04", "--until", "2024-03-18"];
const KILLS = ["killed", "rolling-back"];

/** Dumps tell of the first three days and of the tenth, with 900 executions of one query on each, and 5 of another one. */
const DAYS = [0, 1, 2, 9];

class Story implements AsyncDisposable {
  readonly told: readonly Told[] = storyOf(4711);
  readonly folder: Folder;

  private constructor(folder: Folder) {
    this.folder = folder;
    writeStory(folder.file("story.sqlite"), this.told);
  }

  static async write(): Promise<Story> {
    const story = new Story(
      await Folder.make({
        "query-sniper.yaml": "journal: story.sqlite\ndatabases: [{ name: orders, host: db1 }]\n",
      }),
    );
    await Deno.mkdir(story.folder.file("dumps"));
    for (const day of DAYS) {
      const dump = jsonLines({
        ...{ id: `day ${day}`, from: BEGIN + day * DAY, to: BEGIN + (day + 1) * DAY, restarted: day === 2 },
        rows: [
          { digest: QUERIES.fixed.digest, count: 900 },
          { digest: QUERIES.exempt.digest, count: 1 },
          { digest: "v2:elsewhere", count: 5 },
          { digest: null, count: 3 },
        ],
      });
      await Deno.writeFile(story.folder.file(`dumps/${day}.jsonl.gz`), zipped(dump));
    }
    return story;
  }

  async run(...args: readonly string[]) {
    const result = await runProgram(["report", ...TIMES, ...args], { cwd: this.folder.path });
    return { ...result, stderr: this.folder.relative(result.stderr) };
  }

  /** Kills of a query while dumps were made. */
  kills(digest: string): number {
    return this.told.filter(({ at, outcome = "killed", query }) =>
      query?.digest === digest && KILLS.includes(outcome ?? "") &&
      DAYS.includes(Math.floor((at - BEGIN) / DAY))
    ).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.folder[Symbol.asyncDispose]();
  }
}

Deno.test("report --executions tells which part of the executions was killed while dumps were made", async () => {
  await using story = await Story.write();
  const { code, stdout, stderr } = await story.run("--executions", "dumps", "--format", "json");
  assertEquals([code, stderr], [0, ""]);
  const report = JSON.parse(stdout) as Report;
  const iso = (day: number) => new Date(BEGIN + day * DAY).toISOString();
  assertEquals(report.executions, {
    ...{ dumps: 4, proxies: ["127.0.0.1:6032"], restarts: 1, unsure: 12 },
    covered: [{ from: iso(0), to: iso(3) }, { from: iso(9), to: iso(10) }],
    ...{ covered_ms: 4 * DAY, left_out: [] },
  });
  const row = (digest: string) => report.rows.find(({ key }) => key === digest)!;
  const kills = story.kills(QUERIES.fixed.digest);
  assert(kills > 0 && kills < row(QUERIES.fixed.digest).kills, `${kills}`);
  assertEquals(row(QUERIES.fixed.digest).by_proxy, { executions: 3600, kills, share: kills / 3600 });
  // More kills than executions: it went past the proxy.
  const past = story.kills(QUERIES.exempt.digest);
  assert(past > 4);
  assertEquals(row(QUERIES.exempt.digest).by_proxy, { executions: 4, kills: past, share: null });
  const others = report.rows.filter(({ by_proxy }) => by_proxy === null);
  assertEquals(others.length, report.rows.length - 2);
  const notes = report.notes.join("\n");
  assertStringIncludes(
    notes,
    "executions: 4 dumps of 1 ProxySQL tell of 4d of 14d, from 2024-03-04 00:00 to 2024-03-14 00:00; only kills in that time",
  );
  assertStringIncludes(notes, "executions: ProxySQL was started again in 1 dump:");
  assertStringIncludes(notes, "executions: 12 are of statements whose digest is not sure");
});

Deno.test("every format of a report has executions, and none without dumps", async () => {
  await using story = await Story.write();
  const kills = story.kills(QUERIES.fixed.digest);
  const text = `${kills} of 3,600`;
  const found = { table: text, markdown: text, html: text, csv: `,3600,${kills},${kills / 3600}` };
  for (const [format, part] of Object.entries(found)) {
    const { code, stdout } = await story.run("--executions", "dumps", "--format", format);
    assertEquals(code, 0);
    assertStringIncludes(stdout, part, format);
    const without = await story.run("--format", format);
    assert(!/of executions|proxy/i.test(without.stdout), format);
  }
});

Deno.test("aliases count as one query, by proxies too, and files stand one after the other", async () => {
  await using story = await Story.write();
  const { fixed, exempt } = QUERIES;
  await Deno.writeTextFile(
    story.folder.file("query-sniper.yaml"),
    "journal: story.sqlite\ndatabases: [{ name: orders, host: db1 }]\n" +
      `aliases: [{ digest: "${fixed.digest}", same_as: ["${exempt.digest}"] }]\n`,
  );
  const files = DAYS.map((day) => `dumps/${day}.jsonl.gz`);
  const { code, stdout } = await story.run("--executions", ...files, "--format", "json");
  assertEquals(code, 0);
  const row = (JSON.parse(stdout) as Report).rows.find(({ key }) => key === fixed.digest)!;
  assertEquals(row.by_proxy?.executions, 3604);
  assertEquals(row.by_proxy?.kills, story.kills(fixed.digest) + story.kills(exempt.digest));
});

Deno.test("dumps that tell nothing of the time, and what cannot be joined, are said", async () => {
  await using story = await Story.write();
  const late = await story.run(
    "--executions",
    "dumps/0.jsonl.gz",
    "--format",
    "json",
    "--since",
    "2024-03-06",
  );
  const report = JSON.parse(late.stdout) as Report;
  assertEquals(report.executions!.covered, []);
  assert(
    report.notes.includes(
      "the dumps of ProxySQL's digests tell nothing of this time: executions are unknown",
    ),
  );
  assertEquals(report.rows.filter(({ by_proxy }) => by_proxy !== null), []);
  const wrong: readonly (readonly [args: readonly string[], code: number, message: string])[] = [
    [["dumps", "--by", "user"], 2, "--executions goes with --by digest: dumps have nothing else"],
    [
      ["dumps", "--database", "orders"],
      2,
      "--executions goes without --database: dumps do not tell which one it was",
    ],
    [["nowhere"], 1, "nowhere: it does not exist"],
    [["story.sqlite"], 1, "story.sqlite: expected a dump as JSON Lines or CSV"],
    [
      ["dumps", "dumps/0.jsonl.gz"],
      1,
      "dumps/0.jsonl.gz: this dump is in another file too: dumps/0.jsonl.gz",
    ],
  ];
  for (const [args, code, message] of wrong) {
    const result = await story.run("--executions", ...args);
    assertEquals([result.code, result.stdout], [code, ""], args.join(" "));
    assertStringIncludes(result.stderr, message);
  }
  const named = await story.run("--executions", "dumps", "--journal", "story.sqlite", "--format", "json");
  assertEquals((JSON.parse(named.stdout) as Report).executions!.dumps, 4);
});
