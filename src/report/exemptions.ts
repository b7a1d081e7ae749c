import { type Exempt, hasExpired } from "../config/mod.ts";
import type { Exemption } from "./model.ts";
import type { KnownDigest, KnownTags } from "./names.ts";

/** Tells which exemption a query has. Its number is its place in the configuration; -1: none. */
export class Exemptions {
  readonly #rules: readonly Exempt[];
  readonly #at: number;

  /** @param at The moment at which an exemption holds or has expired, in milliseconds since 1970. */
  constructor(rules: readonly Exempt[], at: number) {
    this.#rules = rules;
    this.#at = at;
  }

  /** Whether there are none at all. */
  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** One that holds comes before one that has expired. */
  of(digest: KnownDigest | undefined, tags: KnownTags): number {
    let expired = -1;
    for (const [index, rule] of this.#rules.entries()) {
      if (!applies(rule, digest, tags)) continue;
      if (!this.#isExpired(rule)) return index;
      if (expired < 0) expired = index;
    }
    return expired;
  }

  exemption(index: number): Exemption | null {
    const rule = this.#rules[index];
    if (rule === undefined) return null;
    const { owner, reason, until } = rule;
    return { owner, reason, until: until ?? null, expired: this.#isExpired(rule) };
  }

  /** The exemptions that have expired, in words. */
  notes(): readonly string[] {
    return this.#rules.filter((rule) => this.#isExpired(rule)).map(({ by, value, owner, until }) =>
      `the exemption of ${by} ${value} expired with ${until}: ask ${owner}, renew it or take it out of the configuration`
    );
  }

  #isExpired({ until }: Exempt): boolean {
    return hasExpired(until, this.#at);
  }
}

function applies({ by, value }: Exempt, digest: KnownDigest | undefined, tags: KnownTags): boolean {
  if (by === "digest") return digest?.digest === value;
  if (by === "shape") return digest !== undefined && digest.shape === value;
  return tags[by.slice("tag.".length)] === value;
}
