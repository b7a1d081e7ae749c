import { assertEquals } from "@std/assert";
import { type ConfigLevel, mergeLevels } from "../../src/config/merged_levels.ts";
import { DEFAULTS } from "../../src/config/mod.ts";
import { levelKeys } from "../../src/config/level_keys.ts";
import { object, Problems } from "../../src/yaml/mod.ts";

const level = object(levelKeys);

/** The levels as files have them: what is wrong is there as undefined. */
function levels(...written: readonly object[]): readonly ConfigLevel[] {
  const problems = new Problems();
  return written.map((keys, index) => ({ path: [`level ${index}`], keys: level.read(keys, [], problems)! }));
}

Deno.test("mergeLevels() has the default of each key where nothing is written", () => {
  const laid = mergeLevels(levels({}, {}));
  assertEquals(
    [laid.mode, laid.interval, laid.lease, laid.verify, laid.grace, laid.ssl_mode].map(({ value }) => value),
    ["dry-run", 1000, "on", 5000, 10_000, "preferred"],
  );
  assertEquals(laid.budget, { kills: 30, per: 60_000, share: 20, at_least: 5 });
  assertEquals([laid.heartbeat, laid.ssl_ca, laid.ssl_cert, laid.ssl_key], [
    ...[undefined, undefined, undefined, undefined],
  ]);
  assertEquals([laid.limits.size, laid.metrics.size, laid.protect], [0, 0, []]);
});

Deno.test("mergeLevels() takes the lowest word on a key, and says where it is written", () => {
  const laid = mergeLevels(levels({ interval: "2s", mode: "enforce" }, { interval: "3s" }, {}));
  assertEquals(laid.interval, { value: 3000, path: ["level 1", "interval"] });
  assertEquals(laid.mode, { value: "enforce", path: ["level 0", "mode"] });
});

Deno.test("mergeLevels() merges a mapping key by key, and names one by one", () => {
  const laid = mergeLevels(levels(
    { budget: { kills: "7", per: "2m" }, limits: { lag: "1s", hll: "1M" } },
    { budget: { kills: "8" }, limits: { lag: "2s" } },
    { budget: { at_least: "2" } },
  ));
  assertEquals(laid.budget, { kills: 8, per: 120_000, share: 20, at_least: 2 });
  assertEquals([...laid.limits].map(([name, { value }]) => [name, value]), [["lag", 2000], ["hll", 1e6]]);
});

Deno.test("mergeLevels() adds up what levels protect, each with its place", () => {
  const laid = mergeLevels(levels({ protect: ["a", "b"] }, {}, { protect: ["c"] }));
  assertEquals(laid.protect, [
    { value: "a", path: ["level 0", "protect", 0] },
    { value: "b", path: ["level 0", "protect", 1] },
    { value: "c", path: ["level 2", "protect", 0] },
  ]);
});

Deno.test("mergeLevels() takes what is wrong for not written, and keeps the places of the rest", () => {
  const laid = mergeLevels(levels(
    { interval: "2s", budget: { kills: "7" }, limits: { lag: "1s" }, protect: [[], "b"] },
    { interval: "soon", budget: { kills: "many" }, limits: { lag: "late" } },
    { budget: "all", limits: [] },
  ));
  assertEquals([laid.interval.value, laid.budget.kills, laid.limits.get("lag")?.value], [2000, 7, 1000]);
  assertEquals(laid.protect, [{ value: "b", path: ["level 0", "protect", 1] }]);
});

Deno.test("DEFAULTS are what the rows of the keys say", () => {
  assertEquals(DEFAULTS, {
    credentials: "credentials.yaml",
    journal: { file: "query-sniper.sqlite", keep: 400 * 86_400_000, maxSize: 2 * 2 ** 30 },
    evidence: { keep: 300_000, folder: "evidence" },
    port: 3306,
    for: 0,
    giveUpAfter: 5,
    order: "oldest",
    metricEvery: 10_000,
    sql: "digest",
    tags: ["controller", "action", "job", "route", "application", "method"],
    rollbackRows: 100_000,
  });
});
