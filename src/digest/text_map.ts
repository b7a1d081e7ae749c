/** A text in UTF-8 that changes: padded with zeros up to a multiple of four bytes. */
export interface Key {
  readonly text: Uint8Array;
  readonly length: number;
}

/** What is known of texts, such as skeletons of statements. */
export interface TextMap<T> {
  /** The value of the text at hand, compared byte by byte. */
  get(): T | undefined;
  /**
   * Whether the text that `get` was asked for, or one with its hash, was asked for before: most that are not will not
   * be again.
   */
  isRepeated(): boolean;
  /** Keeps the value of the text that `get` was asked for, which takes about `bytes`. */
  set(value: T, options: { readonly bytes: number }): void;
}

interface Entry<T> {
  readonly length: number;
  readonly words: Int32Array;
  readonly value: T;
}

/** How much is kept before all is forgotten. */
export interface Limits {
  /** A power of two. */
  readonly entries: number;
  /** Of the texts, and of the values. */
  readonly bytes: number;
}

/** How many hashes of what is not kept are remembered for each entry. */
const SEEN = 4;

/** An empty map whose keys are what `key` holds at the time. */
export function newTextMap<T>(key: Key, limits: Limits): TextMap<T> {
  const words = new Int32Array(key.text.buffer);
  // Of two texts with the same hash only the last is kept.
  const entries = new Map<number, Entry<T>>();
  const seen = new Int32Array(SEEN * limits.entries);
  let bytes = 0;
  let hash = 0;
  return {
    get() {
      const { length } = key;
      const count = (length + 3) >> 2;
      hash = hashOf(words, count);
      const entry = entries.get(hash);
      if (entry === undefined || entry.length !== length) return undefined;
      for (let index = 0; index < count; index++) {
        if (entry.words[index] !== words[index]) return undefined;
      }
      return entry.value;
    },
    isRepeated() {
      const slot = hash & (seen.length - 1);
      if (seen[slot] === hash) return true;
      seen[slot] = hash;
      return false;
    },
    set(value, options) {
      const { length } = key;
      bytes += length + options.bytes;
      if (entries.size >= limits.entries || bytes > limits.bytes) {
        entries.clear();
        bytes = length + options.bytes;
      }
      entries.set(hash, { length, words: words.slice(0, (length + 3) >> 2), value });
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
