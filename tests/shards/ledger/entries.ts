/** Keys that are there all the time, and are counted; above them are those that come and go. */
export const COUNTED = 120;
export const KEYS = 200;
export const WRITERS = 8;
/** Rows of which nobody changes any. */
export const RESTING = 3000;
/** Their first key. */
export const FIRST_RESTING = 100_000;

/** What the only writer of a key knows of it. */
export interface Entry {
  /** Undefined: there is no row. */
  score: number | undefined;
  /** While a write is under way, or its outcome is not known: what else may be there. */
  other: { readonly score: number | undefined } | undefined;
  orders: number;
}

/** What has to be there, by key, before anybody writes. */
export function firstEntries(): Entry[] {
  return Array.from({ length: KEYS + 1 }, (_, key) => ({
    score: key >= 1 && key <= COUNTED ? 0 : undefined,
    other: undefined,
    orders: 0,
  }));
}

/** A request that writes, and what its writer expects of it. */
export interface Write {
  readonly queries: readonly string[];
  readonly score: number | undefined;
  readonly order: boolean;
}

/** What to write next. */
export function nextWrite(key: number, { score, orders }: Entry, random: number): Write {
  if (score === undefined) {
    const insert = `INSERT INTO users (user_id, name, score) VALUES (${key}, 'n', 1)`;
    return { queries: [insert], score: 1, order: false };
  }
  if (key > COUNTED && random < 0.3) {
    return { queries: [`DELETE FROM users WHERE user_id = ${key}`], score: undefined, order: false };
  }
  const raise = `UPDATE users SET score = score + 1 WHERE user_id = ${key}`;
  if (random < 0.6) return { queries: [raise], score: score + 1, order: false };
  const order = `INSERT INTO orders (customer_id, id, amount) VALUES (${key}, ${orders + 1}, 1)`;
  return { queries: [raise, order], score: score + 1, order: true };
}

/** The least and the most that the scores of all counted keys may add up to now. */
export function bounds(entries: readonly Entry[]): { readonly low: number; readonly high: number } {
  let [low, high] = [0, 0];
  for (const { score = 0, other } of entries.slice(1, COUNTED + 1)) {
    low += score;
    high += Math.max(score, other?.score ?? score);
  }
  return { low, high };
}
