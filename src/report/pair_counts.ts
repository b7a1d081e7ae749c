/** The second number of a pair is below this. */
const MOST = 2 ** 26;

/**
 * Counts by pairs of small numbers, such as of a query and a database: there may be a million of them, which as maps of maps
 * would take most of the time and memory of a report. A hash table whose places are tried one after the other.
 */
export class PairCounts {
  /** Of each place its pair as one number, 0 where it is free. */
  #keys = new Float64Array(2 ** 10);
  #counts = new Float64Array(2 ** 10);
  #used = 0;

  /** Notes a pair, and adds to its count. Numbers are whole and not negative. */
  add(first: number, second: number, count: number): void {
    const place = this.#place(first, second);
    this.#counts[place]! += count;
    if (this.#keys[place] !== 0) return;
    this.#keys[place] = keyOf(first, second);
    this.#used++;
    if (this.#used * 3 > this.#keys.length * 2) this.#grow();
  }

  /** Undefined for a pair that was never added. */
  get(first: number, second: number): number | undefined {
    const place = this.#place(first, second);
    return this.#keys[place] === 0 ? undefined : this.#counts[place];
  }

  /** Calls `use` for every pair, in no order. */
  forEach(use: (first: number, second: number, count: number) => void): void {
    for (let place = 0; place < this.#keys.length; place++) {
      const key = this.#keys[place]! - 1;
      if (key >= 0) use(Math.floor(key / MOST), key % MOST, this.#counts[place]!);
    }
  }

  /** Where a pair is, or would be. */
  #place(first: number, second: number): number {
    const keys = this.#keys;
    const last = keys.length - 1;
    const key = keyOf(first, second);
    let place = (Math.imul(first, 0x9e3779b1) ^ Math.imul(second + 1, 0x85ebca6b)) >>> 0;
    place = (place ^ (place >>> 15)) & last;
    while (keys[place] !== 0 && keys[place] !== key) place = (place + 1) & last;
    return place;
  }

  #grow(): void {
    const [keys, counts] = [this.#keys, this.#counts];
    this.#keys = new Float64Array(2 * keys.length);
    this.#counts = new Float64Array(2 * keys.length);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index]! - 1;
      if (key < 0) continue;
      const place = this.#place(Math.floor(key / MOST), key % MOST);
      this.#keys[place] = keys[index]!;
      this.#counts[place] = counts[index]!;
    }
  }
}

function keyOf(first: number, second: number): number {
  return first * MOST + second + 1;
}
