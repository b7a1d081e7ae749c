import type { Alias } from "../config/mod.ts";
import type { Exemptions } from "./exemptions.ts";
import type { ReportKey } from "./model.ts";
import type { NarrowDecision } from "./decisions.ts";
import type { KnownActor, KnownTags, Names } from "./names.ts";
import type { PairCounts } from "./pair_counts.ts";
import { type Counted, countedAs, OPEN } from "./outcome.ts";

/** How often something came, as kills and as hits of a dry run. */
export interface Hits {
  kills: number;
  would_kill: number;
}

/** All that is counted of one key. */
export interface Tally extends Hits {
  /** Counted from 0 in the order in which the keys come. */
  readonly number: number;
  readonly key: string;
  /** The digest's text, or what else names the key to people. */
  text: string;
  skipped: number;
  decisions: number;
  /** By the number of an outcome. */
  readonly outcomes: number[];
  /** Of kills and would-be kills whose time is known. */
  timed: number;
  time_ms: number;
  worst_ms: number;
  /** By the number of an entry point. */
  readonly entries: Map<number, Hits>;
  /** Of queries ever, of others in the period; milliseconds since 1970. */
  first: number;
  last: number;
  /** By the number of a bar. */
  readonly bars: number[];
  /** Kills while dumps of ProxySQL's digests were made. */
  coveredKills: number;
  /** How many decisions have each exemption; -1: none. */
  readonly exempt: Map<number, number>;
  /** Digests that count as this one, by aliases. */
  readonly sameAs: Set<string>;
}

/** Numbers for names, over several journals: small ones, in the order in which the names come. */
export class Numbering {
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [];

  id(name: string): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    this.#ids.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }

  get names(): readonly string[] {
    return this.#names;
  }
}

/** Numbers for who calls a query, over several journals. */
export class EntryNames {
  readonly #ids = new Map<string, number>();
  readonly #entries: { readonly actor: KnownActor; readonly tags: KnownTags }[] = [];

  id(actor: KnownActor, tags: KnownTags): number {
    const key = JSON.stringify([actor.user, actor.host, actor.program, Object.entries(tags).toSorted()]);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.#entries.length);
    return this.#entries.push({ actor, tags }) - 1;
  }

  entry(id: number): { readonly actor: KnownActor; readonly tags: KnownTags } {
    return this.#entries[id]!;
  }
}

/** What all journals of a report count into. */
export interface Tallies {
  readonly by: ReportKey;
  readonly tallies: Map<string, Tally>;
  readonly entries: EntryNames;
  readonly databases: Numbering;
  /** Kills by the numbers of a tally and a database. */
  readonly places: PairCounts;
  readonly outcomes: Numbering;
  readonly exemptions: Exemptions;
  /** By digest: the one that it counts as. */
  readonly aliases: ReadonlyMap<string, string>;
  /** The number of the bar that a moment is in. */
  barAt(at: number): number;
  /** Whether dumps of ProxySQL's digests tell of a moment; absent: there are none. */
  covers?(at: number): boolean;
}

/** Which digest counts as which other one. */
export function aliasesOf(aliases: readonly Alias[]): ReadonlyMap<string, string> {
  return new Map(aliases.flatMap(({ digest, same_as }) => same_as.map((other) => [other, digest] as const)));
}

/** Counts the decisions of one journal. What an id means is found out once. */
export class Counter {
  readonly #names: Names;
  readonly #all: Tallies;
  // By ids: there are few of them, and each is asked for a million times.
  readonly #tallyOf: Tally[] = [];
  readonly #entryOf: number[][] = [];
  readonly #exemptOf: number[][] = [];
  readonly #databaseOf: number[] = [];
  readonly #outcomes: { readonly id: number; readonly counted: Counted }[] = [];

  constructor(names: Names, all: Tallies) {
    this.#names = names;
    this.#all = all;
  }

  /** @param isBrief Only how often and how long, not where and who. */
  count(decision: NarrowDecision, isBrief: boolean): Counted {
    const { id, counted } = this.#outcome(decision.outcome);
    const tally = this.tallyOf(decision);
    tally.decisions++;
    if (counted === "skipped") tally.skipped++;
    else if (counted !== "other") countHit(tally, decision, counted);
    if (!isBrief) this.#countDetails(tally, decision, { id, counted });
    return counted;
  }

  #countDetails(
    tally: Tally,
    decision: NarrowDecision,
    { id, counted }: { readonly id: number; readonly counted: Counted },
  ): void {
    const { at } = decision;
    tally.outcomes[id] = (tally.outcomes[id] ?? 0) + 1;
    if (at < tally.first) tally.first = at;
    if (at > tally.last) tally.last = at;
    if (!this.#all.exemptions.isEmpty) {
      const exempt = this.#exempt(decision);
      tally.exempt.set(exempt, (tally.exempt.get(exempt) ?? 0) + 1);
    }
    const where = this.databaseOf(decision.database);
    const who = hitsOf(tally.entries, this.#entry(decision));
    this.#all.places.add(tally.number, where, counted === "kill" ? 1 : 0);
    if (counted === "would-kill") who.would_kill++;
    if (counted !== "kill") return;
    who.kills++;
    if (this.#all.covers?.(at)) tally.coveredKills++;
    const bar = this.#all.barAt(at);
    tally.bars[bar] = (tally.bars[bar] ?? 0) + 1;
  }

  /** The tally that a decision, or what else has its ids, counts into. */
  tallyOf(decision: Pick<NarrowDecision, "digest" | "database" | "policy" | "actor" | "tags">): Tally {
    const { by } = this.#all;
    const id = by === "digest" || by === "shape"
      ? decision.digest
      : by === "database"
      ? decision.database
      : by === "policy"
      ? decision.policy
      : by === "user"
      ? decision.actor
      : decision.tags;
    return this.#tallyOf[id] ??= this.#newTally(by, id);
  }

  /** The number of a database of this journal. */
  databaseOf(id: number): number {
    return this.#databaseOf[id] ??= this.#all.databases.id(this.#names.database(id));
  }

  #newTally(by: ReportKey, id: number): Tally {
    const { key, text, alias } = this.#keyOf(by, id);
    const { tallies } = this.#all;
    const tally = tallies.get(key) ?? newTally(tallies.size, key, text);
    tallies.set(key, tally);
    if (alias === undefined) tally.text = text;
    else tally.sameAs.add(alias);
    if (by === "digest") this.#noteTimes(tally, id);
    return tally;
  }

  #noteTimes(tally: Tally, id: number): void {
    const found = this.#names.digest(id);
    tally.first = Math.min(tally.first, found?.first_seen ?? Infinity);
    tally.last = Math.max(tally.last, found?.last_seen ?? -Infinity);
  }

  #keyOf(
    by: ReportKey,
    id: number,
  ): { readonly key: string; readonly text: string; readonly alias?: string } {
    switch (by) {
      case "digest": {
        const found = this.#names.digest(id);
        if (found === undefined) return { key: "", text: NO_STATEMENT };
        const key = this.#all.aliases.get(found.digest) ?? found.digest;
        return { key, text: found.digest_text, ...key !== found.digest && { alias: found.digest } };
      }
      case "shape": {
        const found = this.#names.digest(id);
        return named(found?.shape ?? "", found === undefined ? NO_STATEMENT : "(unknown shape)");
      }
      case "database":
        return named(this.#names.database(id), "(unknown)");
      case "policy":
        return named(this.#names.policy(id), "(unknown)");
      case "user":
        return named(this.#names.actor(id).user, "(unknown)");
      default: {
        const tag = by.slice("tag.".length);
        return named(this.#names.tags(id)[tag] ?? "", `(without ${tag})`);
      }
    }
  }

  #outcome(id: number): { readonly id: number; readonly counted: Counted } {
    const known = this.#outcomes[id];
    if (known !== undefined) return known;
    const name = id === 0 ? OPEN : this.#names.word(id);
    return this.#outcomes[id] = { id: this.#all.outcomes.id(name), counted: countedAs(name) };
  }

  #entry({ actor, tags }: NarrowDecision): number {
    const byActor = this.#entryOf[tags] ??= [];
    return byActor[actor] ??= this.#all.entries.id(this.#names.actor(actor), this.#names.tags(tags));
  }

  #exempt({ digest, tags }: NarrowDecision): number {
    const byDigest = this.#exemptOf[tags] ??= [];
    return byDigest[digest] ??= this.#all.exemptions.of(this.#names.digest(digest), this.#names.tags(tags));
  }
}

const NO_STATEMENT = "(no statement)";

function named(key: string, unknown: string): { readonly key: string; readonly text: string } {
  return { key, text: key === "" ? unknown : key };
}

function newTally(number: number, key: string, text: string): Tally {
  return {
    number,
    key,
    text,
    kills: 0,
    would_kill: 0,
    skipped: 0,
    decisions: 0,
    outcomes: [],
    timed: 0,
    time_ms: 0,
    worst_ms: 0,
    entries: new Map(),
    first: Infinity,
    last: -Infinity,
    bars: [],
    coveredKills: 0,
    exempt: new Map(),
    sameAs: new Set(),
  };
}

function countHit(tally: Tally, { time_ms }: NarrowDecision, counted: "kill" | "would-kill"): void {
  tally[counted === "kill" ? "kills" : "would_kill"]++;
  if (time_ms < 0) return;
  tally.timed++;
  tally.time_ms += time_ms;
  if (time_ms > tally.worst_ms) tally.worst_ms = time_ms;
}

function hitsOf<K>(hits: Map<K, Hits>, key: K): Hits {
  const known = hits.get(key) ?? { kills: 0, would_kill: 0 };
  hits.set(key, known);
  return known;
}
