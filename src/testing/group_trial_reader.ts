import type { ShardGrowth } from "../config/mod.ts";
import { didYouMean, quoted } from "../text/nearest.ts";
import type { Path, Problems } from "../yaml/mod.ts";
import type { ExpectedChange, GroupExpectation, GroupTrial, TrialShard } from "./group_trial.ts";
import { groupTrialKeys, type WrittenGroupTrial } from "./group_trial_schema.ts";
import type { Series } from "./series.ts";

type WrittenExpectation = NonNullable<NonNullable<WrittenGroupTrial["expect"]>[number]>;
type WrittenChange = NonNullable<NonNullable<WrittenExpectation["changes"]>[number]>;

interface Known {
  readonly policies: readonly string[];
  readonly shards: readonly string[];
  readonly problems: Problems;
}

/** Makes a test from what was written; undefined if it cannot be made, which is reported. */
export function readGroupTrial(
  written: WrittenGroupTrial,
  path: Path,
  { growth, problems }: { readonly growth: ShardGrowth | undefined; readonly problems: Problems },
): GroupTrial | undefined {
  const { name = "", start, takes, shards = new Map(), expect = [] } = written;
  const policies = growth?.policies.map(({ name }) => name);
  const known = { policies: policies ?? [], shards: [...shards.keys()], problems };
  const expected: GroupExpectation[] = [];
  let last = 0;
  for (const [index, each] of expect.entries()) {
    if (each?.at === undefined) continue;
    const place = [...path, "expect", index];
    if (each.at < last) {
      problems.report([...place, "at"], "expected a time that is not before the one above it");
    }
    last = each.at;
    // Of a configuration that could not be read nothing is known.
    if (policies !== undefined) checkNames(each, place, known);
    expected.push(expectationOf(each));
  }
  if (growth === undefined) return undefined;
  return {
    name,
    growth,
    start: start ?? groupTrialKeys.start.default,
    takes: takes ?? groupTrialKeys.takes.default,
    shards: [...shards].flatMap(([name, values]): TrialShard[] => {
      if (values === undefined) return [];
      const { reachable, ...rest } = values;
      const series = Object.entries<Series | undefined>(rest).flatMap(([key, value]): [string, Series][] =>
        value === undefined ? [] : [[key, value]]
      );
      return [{ name, values: Object.fromEntries(series), ...reachable !== undefined && { reachable } }];
    }),
    expect: expected,
  };
}

function checkNames(
  { changes, matches, skipped }: WrittenExpectation,
  path: Path,
  { policies, shards, problems }: Known,
): void {
  const check = (value: string | undefined, names: readonly string[], message: string, place: Path) => {
    if (value === undefined || names.includes(value)) return;
    problems.report(place, `${message}: ${quoted(value)}${didYouMean(value, names, '"')}`);
  };
  for (const [key, list] of Object.entries({ changes, matches, skipped })) {
    for (const [index, change] of (list ?? []).entries()) {
      const place = [...path, key, index];
      check(change?.policy, policies, "no policy about shards has this name", [...place, "policy"]);
      check(change?.shard, shards, "no shard of this test has this name", [...place, "shard"]);
    }
  }
}

function expectationOf({ at = 0, changes, matches, skipped = [] }: WrittenExpectation): GroupExpectation {
  const all = (list: readonly (WrittenChange | undefined)[]) =>
    list.flatMap((change) => changeOf(change) ?? []);
  return {
    at,
    ...changes !== undefined && { changes: all(changes) },
    ...matches !== undefined && { matches: all(matches) },
    skipped: skipped.flatMap((each) => {
      const change = changeOf(each);
      return change === undefined
        ? []
        : [{ ...change, ...each?.reason !== undefined && { reason: each.reason } }];
    }),
  };
}

function changeOf(written: WrittenChange | undefined): ExpectedChange | undefined {
  if (written?.policy === undefined) return undefined;
  const { policy, action, shard } = written;
  return { policy, ...action !== undefined && { action }, ...shard !== undefined && { shard } };
}
