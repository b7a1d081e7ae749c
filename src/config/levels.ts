import { DEFAULTS } from "./defaults.ts";
import type { LimitLevel } from "./expressions.ts";
import type { WholeConfigFile } from "./include.ts";
import type { ConfigLevel, MergedLevels, PlacedValue } from "./merged_levels.ts";
import { isWrong, type Problems } from "../yaml/mod.ts";
import type { ConfigFile, GroupLevel } from "./schema.ts";

/** The one limit that is used without being named in an expression. */
export const ROLLBACK_ROWS = "rollback_rows";

/** The TLS keys as written: files are named, not read. */
export interface TlsKeys {
  readonly mode: NonNullable<GroupLevel["ssl_mode"]>;
  readonly ca?: PlacedValue<string>;
  readonly cert?: PlacedValue<string>;
  readonly key?: PlacedValue<string>;
}

/** Undefined if it is unknown which metrics there are. */
export function metricNames({ groups, databases, ...top }: ConfigFile): ReadonlySet<string> | undefined {
  const levels = [top, ...groups?.values() ?? [], ...databases ?? []].map((keys) => keys ?? {});
  if (levels.some((keys) => isWrong(keys, "metrics"))) return undefined;
  return new Set(levels.flatMap(({ metrics }) => [...metrics?.keys() ?? []]));
}

/** Undefined if it is unknown which tags are kept. */
export function tagKeys(file: ConfigFile): ReadonlySet<string> | undefined {
  const tags = file.tags ?? DEFAULTS.tags;
  if (isWrong(file, "tags") || tags.includes(undefined)) return undefined;
  return new Set(tags.filter((tag) => tag !== undefined));
}

/** The limits of all levels. */
export function limitLevels({ keys: file, groupPath, databasePath }: WholeConfigFile): readonly LimitLevel[] {
  const limitsOf = (keys: Pick<GroupLevel, "limits">) =>
    isWrong(keys, "limits") ? undefined : keys.limits ?? new Map<string, never>();
  return [
    { limits: limitsOf(file), path: [] },
    ...[...file.groups ?? []].map(([name, keys = {}]) => ({
      limits: limitsOf(keys),
      path: groupPath(name),
    })),
    ...(file.databases ?? []).map((keys = {}, index) => ({
      limits: limitsOf(keys),
      path: databasePath(index),
    })),
  ];
}

/** A share that always allows at least the number of kills would limit nothing. */
export function checkBudget({ path, keys: { budget } }: ConfigLevel, problems: Problems): void {
  if (budget?.kills === undefined || budget.at_least === undefined || budget.at_least <= budget.kills) return;
  const message = `expected no more than "kills", which is ${budget.kills}: "${budget.at_least}"`;
  problems.report([...path, "budget", "at_least"], message);
}

/** How a connection is encrypted. */
export function tlsKeys({ ssl_mode: mode, ssl_ca: ca, ssl_cert: cert, ssl_key: key }: MergedLevels): TlsKeys {
  return { mode: mode.value, ...ca && { ca }, ...cert && { cert }, ...key && { key } };
}
