import type { Budget } from "../policy/mod.ts";
import { DEFAULTS } from "./config.ts";
import type { LimitLevel } from "./expressions.ts";
import type { Gathered } from "./include.ts";
import { isWrong, type Path, type Problems } from "../yaml/mod.ts";
import type { ConfigFile, GroupLevel } from "./schema.ts";

/** The one limit that is used without being named. */
export const ROLLBACK_ROWS = "rollback_rows";

/** How the file wants a connection encrypted; files are named, not read. */
export interface TlsKeys {
  readonly mode: NonNullable<GroupLevel["ssl_mode"]>;
  readonly ca?: PlacedFile;
  readonly cert?: PlacedFile;
  readonly key?: PlacedFile;
}

/** A file that is named at a place in another one. */
export interface PlacedFile {
  readonly file: string;
  readonly path: Path;
}

/** One of the levels that are laid over each other: top, group, database. */
export interface Level {
  readonly path: Path;
  readonly keys: GroupLevel;
}

/** Undefined where it is not known which metrics there are. */
export function metricNames({ groups, databases, ...top }: ConfigFile): ReadonlySet<string> | undefined {
  const levels = [top, ...groups?.values() ?? [], ...databases ?? []].map((keys) => keys ?? {});
  if (levels.some((keys) => isWrong(keys, "metrics"))) return undefined;
  return new Set(levels.flatMap(({ metrics }) => [...metrics?.keys() ?? []]));
}

/** Undefined where it is not known which tags are kept. */
export function tagKeys(file: ConfigFile): ReadonlySet<string> | undefined {
  const tags = file.tags ?? DEFAULTS.tags;
  if (isWrong(file, "tags") || tags.includes(undefined)) return undefined;
  return new Set(tags.filter((tag) => tag !== undefined));
}

/** The limits of all levels. */
export function limitLevels({ keys: file, groupPath, databasePath }: Gathered): readonly LimitLevel[] {
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

/** The lowest level's word on a key. */
export function last<K extends keyof GroupLevel>(levels: readonly Level[], key: K): GroupLevel[K] {
  return levels.findLast(({ keys }) => keys[key] !== undefined)?.keys[key];
}

/** The budget, key by key. */
export function mergeBudget(levels: readonly Level[]): Budget {
  return levels.reduce<Budget>((budget, { keys }) => ({
    kills: keys.budget?.kills ?? budget.kills,
    per: keys.budget?.per ?? budget.per,
    share: keys.budget?.share ?? budget.share,
    atLeast: keys.budget?.at_least ?? budget.atLeast,
  }), DEFAULTS.budget);
}

/** A share that is never below what the number allows would limit nothing. */
export function checkBudget({ path, keys: { budget } }: Level, problems: Problems): void {
  if (budget?.kills === undefined || budget.at_least === undefined || budget.at_least <= budget.kills) return;
  const message = `expected no more than "kills", which is ${budget.kills}: "${budget.at_least}"`;
  problems.report([...path, "budget", "at_least"], message);
}

/** How a connection is encrypted, key by key. */
export function tlsKeys(levels: readonly Level[]): TlsKeys {
  const placed = (key: "ssl_ca" | "ssl_cert" | "ssl_key"): PlacedFile | undefined => {
    const level = levels.findLast(({ keys }) => keys[key] !== undefined);
    return level && { file: level.keys[key]!, path: [...level.path, key] };
  };
  const [ca, cert, key] = [placed("ssl_ca"), placed("ssl_cert"), placed("ssl_key")];
  return {
    mode: last(levels, "ssl_mode") ?? DEFAULTS.sslMode,
    ...ca && { ca },
    ...cert && { cert },
    ...key && { key },
  };
}
