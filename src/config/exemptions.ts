import { quoted } from "../text/nearest.ts";
import type { Problems } from "../yaml/mod.ts";
import type { Alias, Exempt } from "./config.ts";
import type { Findings } from "./findings.ts";
import type { ConfigFile } from "./schema.ts";

const DAY = 86_400_000;

/** Whether an exemption is over: its last day, in UTC, has ended. `at`: milliseconds since 1970. */
export function hasExpired(until: string | undefined, at: number): boolean {
  return until !== undefined && at >= Date.parse(`${until}T00:00Z`) + DAY;
}

/**
 * What the file says about queries. Warns of exemptions that have expired, where the time is known.
 * @param now Milliseconds since 1970.
 */
export function aboutQueries(
  { exempt = [], aliases = [] }: ConfigFile,
  { problems, warnings }: Findings,
  now: number | undefined,
): { readonly exempt: readonly Exempt[]; readonly aliases: readonly Alias[] } {
  for (const [index, rule] of exempt.entries()) {
    if (now === undefined || rule === undefined || !hasExpired(rule.until, now)) continue;
    warnings.report(
      ["exempt", index, "until"],
      `this exemption has expired, ask ${quoted(rule.owner)}: ${rule.until}`,
    );
  }
  return {
    exempt: exempt.filter((rule) => rule !== undefined),
    aliases: checkedAliases(aliases, problems),
  };
}

function checkedAliases(aliases: NonNullable<ConfigFile["aliases"]>, problems: Problems): readonly Alias[] {
  const counted = new Set(aliases.map((alias) => alias?.digest));
  const others = new Set<string>();
  return aliases.flatMap((alias, index) => {
    if (alias?.digest === undefined || alias.same_as === undefined) return [];
    for (const [at, other] of alias.same_as.entries()) {
      if (other === undefined) continue;
      const path = ["aliases", index, "same_as", at];
      if (counted.has(other)) {
        problems.report(path, `a digest that others count as cannot count as another one: ${quoted(other)}`);
      } else if (others.has(other)) {
        problems.report(path, `this digest counts as another one already: ${quoted(other)}`);
      }
      others.add(other);
    }
    return [{ digest: alias.digest, same_as: alias.same_as.filter((other) => other !== undefined) }];
  });
}
