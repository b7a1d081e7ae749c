// Two weeks with all that a report has to tell: a digest that changes, two days without a look, an exemption that expires, a
// policy that is changed, and a fix. Its figures are compared with counts of the events themselves.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import type { Report, Row } from "../../src/report/mod.ts";
import { runProgram } from "../program.ts";
import type { Told } from "./journal_fill.ts";
import { BEGIN, END, FIXED_AT, GAP, QUERIES, storyOf, writeStory } from "./story.ts";

const CONFIG = `journal: story.sqlite
exempt:
  - { digest: "${QUERIES.exempt.digest}", owner: team-bi, reason: "monthly figures", until: 2024-03-10 }
  - { shape: select users, owner: team-web, reason: "known, to be mended" }
databases: [{ name: orders, host: db1 }]
`;

const TIMES = ["--since", "2024-03-04", "--until", "2024-03-18"];

/** A folder with the story's journal and a configuration. */
async function withStory(
  use: (folder: string, told: readonly Told[]) => Promise<void>,
  more = "",
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const told = storyOf(4711);
    writeStory(join(folder, "story.sqlite"), told);
    await Deno.writeTextFile(join(folder, "query-sniper.yaml"), CONFIG + more);
    await use(folder, told);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function program(folder: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram([...args, "-c", join(folder, "query-sniper.yaml")]);
  assertEquals([code, stderr], [0, ""], args.join(" "));
  return stdout;
}

async function reportOf(folder: string, args: readonly string[]): Promise<Report> {
  return JSON.parse(await program(folder, ["report", "--format", "json", ...args]));
}

/** The same figures as a report has, counted from the events. */
function counted(told: readonly Told[]) {
  const of = (...outcomes: readonly string[]) =>
    told.filter(({ outcome }) => outcomes.includes(outcome ?? "killed"));
  const hits = of("killed", "would-kill");
  return {
    kills: of("killed").length,
    would_kill: of("would-kill").length,
    skipped: of("skipped").length,
    wasted_ms: hits.reduce((sum, { time_ms = 0 }) => sum + time_ms, 0),
    worst_ms: Math.max(...hits.map(({ time_ms = 0 }) => time_ms)),
  };
}

function figuresOf({ kills, would_kill, skipped, wasted_ms, worst_ms }: Row) {
  return { kills, would_kill, skipped, wasted_ms, worst_ms: worst_ms ?? -Infinity };
}

/** What each key of a report counts, by the event's own value of it. */
const KEYS: Readonly<Record<string, (told: Told) => string>> = {
  digest: ({ query }) => query?.digest ?? "",
  shape: ({ query }) => query?.shape ?? "",
  database: ({ database = "" }) => database,
  user: ({ user = "" }) => user,
  policy: ({ policy = "long" }) => policy,
  "tag.controller": ({ tags }) => tags?.["controller"] ?? "",
};

Deno.test("every figure of a report, by whatever key, is what the events come to", () =>
  withStory(async (folder, told) => {
    await Promise.all(
      Object.entries(KEYS).map(async ([by, keyOf]) => {
        const { rows, totals, periods } = await reportOf(folder, [...TIMES, "--by", by]);
        const groups = Map.groupBy(told, keyOf);
        assertEquals(new Set(rows.map(({ key }) => key)), new Set(groups.keys()), by);
        for (const row of rows) {
          const group = groups.get(row.key)!;
          assertEquals(figuresOf(row), counted(group), `${by} ${row.key}`);
          assertEquals(row.databases, [...new Set(group.map(({ database }) => database!))].toSorted());
          assertEquals(row.trend.reduce((sum, count) => sum + count, 0), row.kills);
          const callers = row.entry_points.reduce((sum, entry) => sum + entry.kills + entry.would_kill, 0);
          assertEquals(callers, row.kills + row.would_kill);
          assertEquals(Object.values(row.outcomes).reduce((sum, count) => sum + count), group.length);
        }
        const { worst_ms: _, ...all } = counted(told);
        const { kills, would_kill, skipped, wasted_ms } = totals;
        assertEquals({ kills, would_kill, skipped, wasted_ms }, all);
        assertEquals(totals.before, null, "nobody looked before");
        for (const { from, to, kills, would_kill } of periods) {
          const within = told.filter(({ at }) => at >= Date.parse(from) && at < Date.parse(to));
          const expected = counted(within);
          assertEquals([kills, would_kill], [expected.kills, expected.would_kill], from);
        }
      }),
    );
  }));

Deno.test("the second week is counted beside the first", () =>
  withStory(async (folder, told) => {
    const middle = BEGIN + 7 * 86_400_000;
    const { totals, rows } = await reportOf(folder, ["--since", "2024-03-11", "--until", "2024-03-18"]);
    const before = told.filter(({ at }) => at < middle);
    const { kills, would_kill, wasted_ms } = counted(before);
    const queries = new Set(
      before.filter(({ outcome = "killed" }) => outcome === "killed" || outcome === "would-kill")
        .map(({ query }) => query?.digest ?? ""),
    );
    assertEquals(totals.before, { kills, would_kill, wasted_ms, distinct: queries.size });
    const old = rows.find(({ key }) => key === QUERIES.old.digest)!;
    assertEquals(old.before, counted(before.filter(({ query }) => query === QUERIES.old)).kills);
  }));

Deno.test("two days without a look are a gap, and no zeros", () =>
  withStory(async (folder) => {
    const { gaps, looks, databases, periods, no_data } = await reportOf(folder, TIMES);
    const [from, to] = [GAP.from, GAP.to].map((at) => new Date(at).toISOString());
    assertEquals(gaps, [{ from: from!, to: to!, databases: null }]);
    assertEquals([looks, databases, no_data], [3 * 12 * 1440 * 60, 3, false]);
    assertEquals(
      periods.map(({ looks }) => looks > 0),
      Array.from({ length: 14 }, (_, day) => day < 5 || day > 6),
    );
    const within = await reportOf(folder, ["--since", "2024-03-09", "--until", "2024-03-11"]);
    assertEquals([within.no_data, within.looks, within.rows], [true, 0, []]);
    const text = await program(folder, ["report", ...TIMES]);
    assertStringIncludes(text, "not looked at: anything for 2d from 2024-03-09 00:00 to 2024-03-11 00:00");
    const empty = await program(folder, ["report", "--since", "2024-03-09", "--until", "2024-03-11"]);
    assertStringIncludes(empty, "NO DATA");
  }));

Deno.test("a digest that follows another one is proposed, and as an alias both are one row", () =>
  withStory(async (folder, told) => {
    const { proposals } = await reportOf(folder, TIMES);
    assertEquals(proposals.map((each) => [each.old, each.new]), [[
      QUERIES.old.digest,
      QUERIES.renamed.digest,
    ]]);
    assertStringIncludes(proposals[0]!.why, "select carts with action show, controller carts");
    const alias = `aliases: [{ digest: "${QUERIES.renamed.digest}", same_as: ["${QUERIES.old.digest}"] }]\n`;
    await Deno.writeTextFile(join(folder, "query-sniper.yaml"), CONFIG + alias);
    const joined = await reportOf(folder, TIMES);
    assertEquals(joined.proposals, []);
    const row = joined.rows.find(({ key }) => key === QUERIES.renamed.digest)!;
    assertEquals(row.same_as, [QUERIES.old.digest]);
    assertEquals(figuresOf(row), counted(told.filter(({ query }) => query?.shape === "select carts")));
    assertEquals(row.digest_text, QUERIES.renamed.digest_text);
  }));

Deno.test("an exemption is counted and told apart, and an expired one is told first", () =>
  withStory(async (folder) => {
    const { rows, notes } = await reportOf(folder, TIMES);
    const of = (digest: string) => rows.find(({ key }) => key === digest)?.exempt;
    assertEquals(of(QUERIES.exempt.digest), {
      owner: "team-bi",
      reason: "monthly figures",
      until: "2024-03-10",
      expired: true,
    });
    assertEquals(of(QUERIES.steady.digest)?.expired, false);
    assertEquals(of(QUERIES.fixed.digest), null);
    assertEquals(notes, [
      `the exemption of digest ${QUERIES.exempt.digest} expired with 2024-03-10: ask team-bi, renew it or take it out of the configuration`,
    ]);
    const text = await program(folder, ["report", ...TIMES]);
    assert(text.indexOf("EXPIRED with 2024-03-10, team-bi") < text.indexOf("exempt, team-web"), text);
    const validated = await runProgram(["validate-config", join(folder, "query-sniper.yaml")]);
    assertStringIncludes(
      validated.stderr,
      'exempt[0].until: warning: this exemption has expired, ask "team-bi": 2024-03-10',
    );
  }));

Deno.test("a policy that was changed, a gate and the worst of lag are in the report", () =>
  withStory(async (folder) => {
    const { marks, gates, health } = await reportOf(folder, TIMES);
    assertEquals(marks, [{
      at: "2024-03-07T10:00:00.000Z",
      kind: "policy-changed",
      database: "orders",
      text: "long: where: time > 30s -> time > 10s",
    }]);
    assertEquals(gates, [{ database: "orders-replica", policy: "long", times: 1, open_ms: 90_000 }]);
    const known = health.filter(({ lag_s }) => lag_s !== null);
    assertEquals(known.map(({ at, lag_s, hll }) => [at, lag_s, hll]), [
      ["2024-03-05T10:00:00.000Z", 42, 1200],
      ["2024-03-05T11:00:00.000Z", 3, 90_000],
    ]);
  }));

Deno.test("killed as a part of all executions is known only where executions are", () =>
  withStory(async (folder, told) => {
    const { rows } = await reportOf(folder, TIMES);
    const fixed = rows.find(({ key }) => key === QUERIES.fixed.digest)!;
    const kills = told.filter(({ query, database }) =>
      query === QUERIES.fixed && database === "orders"
    ).length;
    assertEquals(fixed.share, kills / 5000);
    assertEquals(rows.filter(({ share }) => share !== null).length, 1);
    assertEquals(fixed.ranks.share, 1);
  }));

Deno.test("before and after the fix: gone is certain, and what stayed is not called better or worse for sure", () =>
  withStory(async (folder, told) => {
    assertEquals(new Date(FIXED_AT).toISOString().slice(0, 10), "2024-03-11");
    const { compare } = await reportOf(
      folder,
      ["--since", "2024-03-11", "--until", "2024-03-18", "--compare", "2024-03-04/2024-03-11"],
    );
    const [fixed] = compare!.gone;
    const before = told.filter(({ query, at }) => query === QUERIES.fixed && at < FIXED_AT).length;
    assertEquals([fixed?.key, fixed?.before, fixed?.now, fixed?.certain], [
      QUERIES.fixed.digest,
      before,
      0,
      true,
    ]);
    const steady = [...compare!.worse, ...compare!.improved].filter(({ key }) =>
      key === QUERIES.steady.digest
    );
    assertEquals(steady.filter(({ certain }) => certain), []);
    assertEquals(compare!.new.map(({ key, certain }) => [key, certain]), [[QUERIES.renamed.digest, true]]);
    assertEquals(END - BEGIN, 14 * 86_400_000);
  }));

Deno.test("two journals are read as one", () =>
  withStory(async (folder, told) => {
    writeStory(join(folder, "other.sqlite"), storyOf(9));
    const files = [join(folder, "story.sqlite"), join(folder, "other.sqlite")];
    const { totals, looks } = await reportOf(folder, [...TIMES, "--journal", ...files]);
    assertEquals(totals.kills, counted([...told, ...storyOf(9)]).kills);
    assertEquals(looks, 2 * 3 * 12 * 1440 * 60);
  }));
