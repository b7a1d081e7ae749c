/**
 * How what lower levels say of a key is laid over what higher ones say. `lowest`: the lowest word counts · `each`: that
 * of each of its own keys or names · `all`: they add up.
 */
export type Merge = "lowest" | "each" | "all";

type MergeKey<K, M extends Merge> = K & { readonly merge: M };

/** A key of which the lowest level's word counts. */
export function lowest<K extends object>(key: K): MergeKey<K, "lowest"> {
  return { ...key, merge: "lowest" };
}

/** A mapping of which each level names what differs. */
export function each<K extends object>(key: K): MergeKey<K, "each"> {
  return { ...key, merge: "each" };
}

/** A list whose levels add up. */
export function all<K extends object>(key: K): MergeKey<K, "all"> {
  return { ...key, merge: "all" };
}
