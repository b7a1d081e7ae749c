import type { Change, Comparison } from "./model.ts";
import { iso, type Period } from "./period.ts";
import { CERTAIN, chanceOf } from "./poisson.ts";

/** How often each key came in a period. */
export interface Observation {
  readonly period: Period;
  /** Minutes of databases that were looked at: a period with gaps counts for less. */
  readonly exposure: number;
  /** Kills and would-be kills, by key. */
  readonly hits: ReadonlyMap<string, number>;
}

/** Compares a period with another one; `textOf`: what names a key to people. */
export function comparisonOf(
  other: Observation,
  now: Observation,
  textOf: (key: string) => string,
): Comparison {
  const keys = [...new Set([...now.hits.keys(), ...other.hits.keys()])];
  const changes = keys.flatMap((key) => changeOf(key, other, now, textOf) ?? []);
  const of = (kind: Kind) =>
    changes.filter((change) => change.kind === kind)
      .toSorted((a, b) =>
        Number(b.change.certain) - Number(a.change.certain) ||
        Math.abs(b.change.now - b.change.before) - Math.abs(a.change.now - a.change.before) ||
        (a.change.key < b.change.key ? -1 : 1)
      )
      .map(({ change }) => change);
  return {
    period: { from: iso(other.period.from), to: iso(other.period.to) },
    improved: of("improved"),
    worse: of("worse"),
    new: of("new"),
    gone: of("gone"),
  };
}

type Kind = "improved" | "worse" | "new" | "gone";

function changeOf(
  key: string,
  other: Observation,
  now: Observation,
  textOf: (key: string) => string,
): { readonly kind: Kind; readonly change: Change } | undefined {
  const [before, after] = [other.hits.get(key) ?? 0, now.hits.get(key) ?? 0];
  const expected = before * now.exposure / other.exposure;
  if (after === before && before === 0 || (before > 0 && after === Math.round(expected))) return undefined;
  const kind = before === 0 ? "new" : after === 0 ? "gone" : after < expected ? "improved" : "worse";
  const chance = chanceOf(
    { count: before, exposure: other.exposure },
    { count: after, exposure: now.exposure },
  );
  const certain = chance < CERTAIN;
  const words = `${countsText(before, after)}${scaledText(before, expected)}: ${chanceText(chance, certain)}`;
  return { kind, change: { key, digest_text: textOf(key), before, now: after, words, certain } };
}

function countsText(before: number, now: number): string {
  if (before === 0) return `none before, ${now} now`;
  return now === 0 ? `${before} before, none now` : `${before} before, ${now} now`;
}

/** Where the periods are not equally long, what would have been the same. */
function scaledText(before: number, expected: number): string {
  if (before === 0 || Math.abs(expected - before) < Math.max(1, before / 20)) return "";
  return `, where ${expected < 10 ? expected.toFixed(1) : Math.round(expected)} would be as often`;
}

function chanceText(chance: number, certain: boolean): string {
  if (!certain) {
    return chance > 0.2 ? "this may well be chance" : `perhaps chance, ${Math.ceil(chance * 100)} in 100`;
  }
  if (chance < 1e-6) return "not by chance, less than 1 in a million";
  return `hardly by chance, 1 in ${Math.floor(1 / chance).toLocaleString("en-US")}`;
}
