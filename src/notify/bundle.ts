import { type Level, LEVELS } from "../policy/mod.ts";
import type { Notice, Standing, Subject } from "./notice.ts";

/** What happened to one subject since the last message. */
export interface Tally {
  readonly subject: Subject;
  /** The worst. */
  level: Level;
  /** The last that is known; what merely passes changes nothing. */
  standing: Standing;
  /** Whether something other than its end happened. */
  began: boolean;
  /** How many notices. */
  count: number;
  readonly words: Map<string, number>;
  /** In milliseconds since 1970. */
  first: number;
  last: number;
  /** The latest notice in words. */
  text: string;
  readonly queries: Map<string, { readonly text: string; count: number }>;
}

/** More subjects than this, and more queries of one, are only counted. */
const SUBJECTS = 500;
const QUERIES = 20;

/** These happen, also where what they belong to is over. */
const KILLS: readonly Notice["route"][] = ["kill", "would-kill"];

/** All that waits to be told in one message. However much happens, its size is bounded and its counts are exact. */
export class Bundle {
  readonly #tallies = new Map<string, Tally>();
  /** What is only counted, by its words. */
  readonly #others = new Map<string, number>();
  #missed = 0;

  /** By subject, the worst and busiest first. */
  get tallies(): readonly Tally[] {
    return [...this.#tallies.values()].toSorted((a, b) =>
      LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level) || b.count - a.count || a.first - b.first
    );
  }

  /** How many of each word, over all subjects, the most frequent first. */
  get words(): ReadonlyMap<string, number> {
    const all = new Map(this.#others);
    for (const { words } of this.#tallies.values()) addAll(all, words);
    return new Map([...all].toSorted(([, a], [, b]) => b - a));
  }

  /** How many notices, those that were missed included. */
  get total(): number {
    return this.#missed + sum(this.words.values());
  }

  /** How many events were lost before anybody counted what they were. */
  get missed(): number {
    return this.#missed;
  }

  get isEmpty(): boolean {
    return this.#tallies.size === 0 && this.#others.size === 0 && this.#missed === 0;
  }

  add(notice: Notice): void {
    const tally = this.#tallies.get(notice.subject.key);
    const news = tallyOf(notice);
    if (tally !== undefined) join(tally, news);
    else this.#put(news);
  }

  miss(count: number): void {
    this.#missed += count;
  }

  /** Adds what happened after this. */
  append(later: Bundle): void {
    for (const tally of later.#tallies.values()) {
      const mine = this.#tallies.get(tally.subject.key);
      if (mine !== undefined) join(mine, tally);
      else this.#put(tally);
    }
    addAll(this.#others, later.#others);
    this.#missed += later.#missed;
  }

  /** Leaves out what was told of these subjects. */
  drop(keys: readonly string[]): void {
    for (const key of keys) this.#tallies.delete(key);
  }

  /** Leaves out what is only counted. */
  dropRest(): void {
    this.#others.clear();
    this.#missed = 0;
  }

  #put(tally: Tally): void {
    if (this.#tallies.size < SUBJECTS) this.#tallies.set(tally.subject.key, tally);
    else addAll(this.#others, tally.words);
  }
}

function tallyOf({ subject, route, level, standing, at, text, word, query }: Notice): Tally {
  return {
    ...{ subject, level, standing, text },
    began: standing !== "over" || KILLS.includes(route),
    count: 1,
    words: new Map([[word, 1]]),
    ...{ first: at, last: at },
    queries: new Map(query === undefined ? [] : [[query.digest, { text: query.text, count: 1 }]]),
  };
}

function join(tally: Tally, later: Tally): void {
  if (LEVELS.indexOf(later.level) > LEVELS.indexOf(tally.level)) tally.level = later.level;
  if (later.standing !== "passing") tally.standing = later.standing;
  tally.began ||= later.began;
  tally.count += later.count;
  tally.last = later.last;
  tally.text = later.text;
  addAll(tally.words, later.words);
  for (const [digest, { text, count }] of later.queries) {
    const known = tally.queries.get(digest);
    if (known !== undefined) known.count += count;
    else if (tally.queries.size < QUERIES) tally.queries.set(digest, { text, count });
  }
}

function addAll(to: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [word, count] of counts) to.set(word, (to.get(word) ?? 0) + count);
}

function sum(counts: Iterable<number>): number {
  return [...counts].reduce((all, count) => all + count, 0);
}
