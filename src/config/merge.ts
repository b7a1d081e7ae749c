/**
 * How the levels of a key are merged. `lowest`: the lowest level that sets it counts · `each`: the same for each of
 * its own keys · `all`: the lists of all levels add up.
 */
export type Merge = "lowest" | "each" | "all";

type MergeKey<K, M extends Merge> = K & { readonly merge: M };

/** A key whose lowest level counts. */
export function lowest<K extends object>(key: K): MergeKey<K, "lowest"> {
  return { ...key, merge: "lowest" };
}

/** A mapping in which each level names only what differs. */
export function each<K extends object>(key: K): MergeKey<K, "each"> {
  return { ...key, merge: "each" };
}

/** A list whose levels add up. */
export function all<K extends object>(key: K): MergeKey<K, "all"> {
  return { ...key, merge: "all" };
}
