import type { Merge } from "./merge.ts";
import type { Kind, Path } from "../yaml/mod.ts";
import { levelKeys } from "./level_keys.ts";
import type { GroupLevel } from "./schema.ts";

/** One of the levels: top, group or database. */
export interface ConfigLevel {
  readonly path: Path;
  readonly keys: GroupLevel;
}

/** A value with the path where it is written; the path of a default is the top. */
export interface PlacedValue<T> {
  readonly value: T;
  readonly path: Path;
}

/** The merged value of one key, by the way its row merges. */
type MergedValue<R> = R extends { readonly merge: "all"; readonly kind: Kind<readonly (infer I)[]> }
  ? readonly PlacedValue<NonNullable<I>>[]
  : R extends { readonly merge: "each"; readonly default: infer D } ? D
  : R extends { readonly merge: "each"; readonly kind: Kind<ReadonlyMap<string, infer V>> }
    ? ReadonlyMap<string, NonNullable<V>>
  : R extends { readonly merge: "lowest"; readonly default: infer D } ? PlacedValue<D>
  : R extends { readonly merge: "lowest"; readonly kind: Kind<infer T> } ? PlacedValue<T> | undefined
  : never;

/** The merged values of all keys. */
export type MergedLevels = { readonly [K in keyof typeof levelKeys]: MergedValue<typeof levelKeys[K]> };

/** Merges levels, the highest first, as the rows of the keys say. A wrong value counts as absent. */
export function mergeLevels(levels: readonly ConfigLevel[]): MergedLevels {
  const laid = Object.entries(levelKeys).map(([name, row]) => {
    const written = levels.flatMap(({ path, keys }) => {
      const value: unknown = keys[name as keyof ConfigLevel["keys"]];
      return value === undefined ? [] : [{ value, path: [...path, name] }];
    });
    const byDefault: unknown = "default" in row ? row.default : undefined;
    return [name, LAY[row.merge](written, byDefault)];
  });
  // MergedValue says which type each row's merge gives.
  return Object.fromEntries(laid) as MergedLevels;
}

type LevelValues = readonly PlacedValue<unknown>[];

/** How each way of merging combines the levels that set a key. */
const LAY: Readonly<Record<Merge, (written: LevelValues, byDefault: unknown) => unknown>> = {
  lowest: (written, byDefault) =>
    written.at(-1) ?? (byDefault === undefined ? undefined : { value: byDefault, path: [] }),
  each: (written, byDefault) => {
    const layers = [byDefault, ...written.map(({ value }) => value)];
    const entries = layers.flatMap(entriesOf).filter(([, value]) => value !== undefined);
    return byDefault === undefined ? new Map(entries) : Object.fromEntries(entries);
  },
  all: (written) =>
    written.flatMap(({ value, path }) =>
      (value as readonly unknown[]).flatMap((item, index) =>
        item === undefined ? [] : [{ value: item, path: [...path, index] }]
      )
    ),
};

function entriesOf(layer: unknown): readonly (readonly [string, unknown])[] {
  if (layer instanceof Map) return [...layer];
  return Object.entries(layer ?? {});
}
