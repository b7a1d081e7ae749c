import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { JournalReader } from "../../src/journal/mod.ts";
import { type Coverage, CoverageReader } from "../../src/report/coverage.ts";
import { Names } from "../../src/report/names.ts";
import { iso, type Period } from "../../src/report/period.ts";
import { DAY, JournalFill } from "./journal_fill.ts";

const BEGIN = Date.UTC(2024, 2, 4);
const HOUR = DAY / 24;

/** What is read of journals that were filled so. */
async function coverageOf(
  fills: readonly ((fill: JournalFill) => void)[],
  bars: readonly Period[] = [{ from: BEGIN, to: BEGIN + DAY }],
): Promise<Coverage> {
  const folder = await Deno.makeTempDir();
  const reader = new CoverageReader(bars);
  try {
    for (const [index, fill] of fills.entries()) {
      const file = join(folder, `${index}.sqlite`);
      const database = new DatabaseSync(file);
      fill(new JournalFill(database));
      database.close();
      using journal = JournalReader.open(file);
      reader.add(journal, new Names(journal));
    }
    return reader.result();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function gapTexts({ gaps }: Coverage): readonly string[] {
  return gaps.map(({ from, to, databases }) =>
    `${iso(from).slice(5, 16)} ${iso(to).slice(5, 16)} ${databases?.join() ?? "all"}`
  );
}

Deno.test("a day that was looked at in full has no gap", async () => {
  const coverage = await coverageOf([(fill) => fill.looks("a", BEGIN - DAY, BEGIN + DAY)]);
  assertEquals([gapTexts(coverage), coverage.looks, coverage.minutes], [[], [1440 * 60], 1440]);
  assertEquals(iso(coverage.lastLook!), "2024-03-04T23:59:00.000Z");
});

Deno.test("a journal without looks has one gap, and nothing else", async () => {
  const coverage = await coverageOf([() => {}]);
  assertEquals(gapTexts(coverage), ["03-04T00:00 03-05T00:00 all"]);
  assertEquals([coverage.looks, coverage.databases.size, coverage.lastLook], [[0], 0, undefined]);
});

Deno.test("the minute in which a period ends counts for who was looked at, and the one behind it does not", async () => {
  const seen = async (to: number) => {
    const fill = (fill: JournalFill) => fill.looks("a", BEGIN + HOUR, BEGIN + 2 * HOUR);
    const { databases, lastLook } = await coverageOf([fill], [{ from: BEGIN, to }]);
    return [...databases, ...lastLook === undefined ? [] : [iso(lastLook).slice(11, 16)]];
  };
  assertEquals(await seen(BEGIN + HOUR), []);
  assertEquals(await seen(BEGIN + HOUR + 30_000), ["a", "01:00"]);
  assertEquals(await seen(BEGIN + HOUR + 60_000), ["a", "01:00"]);
});

Deno.test("gaps are of all, or of some databases, and those that are the same are one", async () => {
  const coverage = await coverageOf([(fill) => {
    for (const name of ["a", "b", "c"]) {
      fill.looks(name, BEGIN - DAY, BEGIN + 2 * HOUR);
      fill.looks(name, BEGIN + (name === "c" ? 3 : 4) * HOUR, BEGIN + DAY);
    }
  }]);
  assertEquals(gapTexts(coverage), ["03-04T02:00 03-04T03:00 all", "03-04T03:00 03-04T04:00 a,b"]);
});

Deno.test("what was before the first look of a database is no gap of it, and one of the program", async () => {
  const coverage = await coverageOf([(fill) => {
    fill.looks("a", BEGIN + 6 * HOUR, BEGIN + DAY);
    fill.looks("b", BEGIN + 12 * HOUR, BEGIN + DAY);
  }]);
  assertEquals(gapTexts(coverage), ["03-04T00:00 03-04T06:00 all"]);
});

Deno.test("a database that was looked at lately is expected, one of long ago is not", async () => {
  const coverage = await coverageOf([(fill) => {
    fill.looks("a", BEGIN - DAY, BEGIN + DAY);
    fill.looks("lately", BEGIN - 2 * DAY, BEGIN - DAY);
    fill.looks("removed", BEGIN - 30 * DAY, BEGIN - 20 * DAY);
  }]);
  assertEquals(gapTexts(coverage), ["03-04T00:00 03-05T00:00 lately"]);
  assertEquals([...coverage.databases], ["a"]);
});

Deno.test("short times without a look are counted, and not listed", async () => {
  const coverage = await coverageOf([(fill) => {
    fill.looks("a", BEGIN - DAY, BEGIN + HOUR);
    fill.looks("a", BEGIN + HOUR + 4 * 60_000, BEGIN + DAY);
  }]);
  assertEquals([gapTexts(coverage), coverage.shortMinutes], [[], 4]);
});

Deno.test("what one of two programs has looked at was looked at", async () => {
  const coverage = await coverageOf([
    (fill) => fill.looks("a", BEGIN - DAY, BEGIN + 12 * HOUR),
    (fill) => fill.looks("a", BEGIN + 10 * HOUR, BEGIN + DAY),
  ]);
  assertEquals([gapTexts(coverage), coverage.minutes], [[], 1440]);
});

Deno.test("looks of a day are parted among the bars by the minutes of each", async () => {
  const bars = [{ from: BEGIN + 6 * HOUR, to: BEGIN + DAY }, { from: BEGIN + DAY, to: BEGIN + 1.5 * DAY }];
  const { looks } = await coverageOf([(fill) => {
    fill.looks("a", BEGIN, BEGIN + 12 * HOUR, 10);
    fill.looks("a", BEGIN + DAY, BEGIN + 2 * DAY, 2);
  }], bars);
  assertEquals(looks, [6 * 60 * 10, 12 * 60 * 2]);
});
