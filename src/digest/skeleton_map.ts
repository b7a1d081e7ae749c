import type { Skeleton } from "./skeleton.ts";

/** What is known of statements with the same skeleton. */
export interface SkeletonMap<T> {
  /** The value of the skeleton at hand, compared byte by byte. */
  get(): T | undefined;
  /** Whether the skeleton at hand, or one with its hash, was asked for before: most that are not will not be again. */
  isRepeated(): boolean;
  /** Keeps the value of the skeleton at hand, which takes about `bytes`. */
  set(value: T, options: { readonly bytes: number }): void;
}

interface Entry<T> {
  readonly length: number;
  readonly words: Int32Array;
  readonly value: T;
}

/** How much is kept before all is forgotten: entries, and their bytes with those of the values. */
const MAX_ENTRIES = 16_384;
const MAX_BYTES = 16 * 2 ** 20;

/** How many hashes of what is not kept are remembered: a power of two. */
const SEEN = 2 ** 16;

/** An empty map whose keys are what `skeleton` holds at the time, once it is finished. */
export function newSkeletonMap<T>(skeleton: Skeleton): SkeletonMap<T> {
  const words = new Int32Array(skeleton.text.buffer);
  // Of two skeletons with the same hash only the last is kept.
  const entries = new Map<number, Entry<T>>();
  const seen = new Int32Array(SEEN);
  let bytes = 0;
  return {
    get() {
      const { length } = skeleton;
      const count = (length + 3) >> 2;
      const entry = entries.get(hashOf(words, count));
      if (entry === undefined || entry.length !== length) return undefined;
      for (let index = 0; index < count; index++) {
        if (entry.words[index] !== words[index]) return undefined;
      }
      return entry.value;
    },
    isRepeated() {
      const hash = hashOf(words, (skeleton.length + 3) >> 2);
      const slot = hash & (SEEN - 1);
      if (seen[slot] === hash) return true;
      seen[slot] = hash;
      return false;
    },
    set(value, options) {
      const count = (skeleton.length + 3) >> 2;
      bytes += skeleton.length + options.bytes;
      if (entries.size >= MAX_ENTRIES || bytes > MAX_BYTES) {
        entries.clear();
        bytes = skeleton.length + options.bytes;
      }
      entries.set(hashOf(words, count), { length: skeleton.length, words: words.slice(0, count), value });
    },
  };
}

/** A hash of 30 bits, which the engine keeps without a box. */
function hashOf(words: Int32Array, count: number): number {
  let hash = count;
  for (let index = 0; index < count; index++) {
    hash = Math.imul(hash ^ words[index]!, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash & 0x3fffffff;
}
