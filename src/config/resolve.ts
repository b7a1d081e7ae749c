import { didYouMean, quoted } from "../text/nearest.ts";
import { type Expression, formatQuantity } from "../language/mod.ts";
import { addressOf, checkTls } from "./address.ts";
import type { Address } from "./config.ts";
import { DEFAULTS } from "./defaults.ts";
import type { Domain, Policy, Rules } from "../policy/mod.ts";
import { ConfigWarnings, warnOfLimits } from "./warnings.ts";
import { ExpressionCompiler, type LimitTypes, limitTypes } from "./expressions.ts";
import type { Findings } from "./findings.ts";
import type { WholeConfigFile } from "./include.ts";
import { fileOf, isWrong, type Path, placeFrom, type Problems } from "../yaml/mod.ts";
import {
  checkBudget,
  limitLevels,
  metricNames,
  ROLLBACK_ROWS,
  tagKeys,
  type TlsKeys,
  tlsKeys,
} from "./levels.ts";
import { type ConfigLevel, type MergedLevels, mergeLevels } from "./merged_levels.ts";
import { checkProtection } from "./misfits.ts";
import { layPolicies, makePolicy, topPolicies, type WrittenPolicies } from "./policies.ts";
import { ProxyNames } from "./proxy_names.ts";
import type { DatabaseLevel } from "./schema.ts";
import { checkSources } from "./sources.ts";

/** A database with its levels merged, before other files are read. */
export interface ResolvedDatabase {
  readonly name: string;
  readonly group?: string;
  readonly address: Address;
  readonly tls: TlsKeys;
  readonly interval: number;
  readonly source?: string;
  readonly heartbeat?: string;
  readonly proxysql?: readonly string[];
  readonly rules: Rules;
}

export interface ResolveOptions {
  /** The domain of the databases. */
  readonly domain: Domain;
  /** Whether to warn about policies that are valid but probably a mistake. */
  readonly thorough: boolean;
  /** Limits that are named beside the policies of databases. */
  readonly limitsNamed: readonly string[];
}

/** Resolves every database: the top, then its group, then its own keys. */
export function resolve(
  gathered: WholeConfigFile,
  findings: Findings,
  { domain, thorough, limitsNamed }: ResolveOptions,
): readonly ResolvedDatabase[] {
  const warner = thorough ? new ConfigWarnings(findings.warnings) : undefined;
  const resolver = new Resolver(gathered, findings, { domain, warner });
  checkSources(gathered, findings.problems);
  const databases = (gathered.keys.databases ?? []).flatMap((database, index) =>
    database === undefined ? [] : resolver.database(database, gathered.databasePath(index)) ?? []
  );
  warner?.finish();
  if (thorough) {
    const used = new Set([...resolver.limitsUsed, ...limitsNamed]);
    warnOfLimits(limitLevels(gathered), used, findings.warnings);
  }
  return databases;
}

class Resolver {
  readonly #domain: Domain;
  readonly #problems: Problems;
  readonly #findings: Findings;
  readonly #compiler: ExpressionCompiler;
  readonly #top: ConfigLevel;
  readonly #policies: WrittenPolicies;
  readonly #limits: LimitTypes;
  readonly #tags: readonly string[];
  /** The names of those that can be told; undefined if these are not known. */
  readonly #channels: readonly string[] | undefined;
  /** Undefined if it is unknown which ones there are. */
  readonly #groups: ReadonlyMap<string, ConfigLevel & { readonly policies: WrittenPolicies }> | undefined;
  readonly #proxies: ProxyNames;
  /** The path where each is written. */
  readonly #names = new Map<string, Path>();

  readonly #sources: ReadonlySet<string | undefined>;
  readonly #warner: ConfigWarnings | undefined;
  /** Those that have been checked. */
  readonly #protections = new Set<Expression>();

  constructor(
    gathered: WholeConfigFile,
    findings: Findings,
    { domain, warner }: { readonly domain: Domain; readonly warner: ConfigWarnings | undefined },
  ) {
    const { problems } = findings;
    this.#domain = domain;
    this.#problems = problems;
    this.#findings = findings;
    this.#warner = warner;
    this.#sources = new Set(gathered.keys.databases?.map((database) => database?.source));
    const { keys: file, groupPath } = gathered;
    const { policies: _policies, groups, databases: _databases, proxysql: _proxysql, ...keys } = file;
    this.#top = { path: [], keys };
    this.#proxies = new ProxyNames(file, problems);
    this.#limits = limitTypes(limitLevels(gathered), problems);
    this.#compiler = new ExpressionCompiler(
      this.#limits,
      { vocabulary: domain.vocabulary, metrics: metricNames(file), tags: tagKeys(file) },
      problems,
    );
    this.#tags = file.tags?.filter((tag) => tag !== undefined) ?? DEFAULTS.tags;
    this.#channels = isWrong(file, "notify") ? undefined : [...file.notify?.keys() ?? []];
    this.#policies = topPolicies(file, problems);
    this.#groups = isWrong(file, "groups") ? undefined : new Map(
      [...groups ?? []].map(([name, keys = {}]) => {
        const path = groupPath(name);
        const policies = layPolicies(this.#policies, keys.policies, { path, problems });
        this.#proxies.of([{ path, keys }]);
        return [name, { path, keys, policies }];
      }),
    );
    this.#compileUnused();
  }

  /** Checks policies and protections that no database uses, or that are overridden, too. */
  #compileUnused(): void {
    for (const level of [{ ...this.#top, policies: this.#policies }, ...this.#groups?.values() ?? []]) {
      this.#protect(mergeLevels([level]));
      checkBudget(level, this.#problems);
      this.#makePolicies(level.policies);
    }
  }

  get limitsUsed(): ReadonlySet<string> {
    return this.#compiler.limitsUsed;
  }

  database(keys: DatabaseLevel, path: Path): ResolvedDatabase | undefined {
    const group = this.#group(keys, path);
    const levels: readonly ConfigLevel[] = [this.#top, ...group === undefined ? [] : [group], { path, keys }];
    checkBudget({ path, keys }, this.#problems);
    const lacksGroup = group === undefined && Object.hasOwn(keys, "group");
    const problems = this.#problems;
    const address = addressOf(keys, path, problems);
    const laid = mergeLevels(levels);
    const tls = tlsKeys(laid);
    checkTls(tls, { address, path, problems });
    const inherited = lacksGroup ? { ...this.#policies, complete: false } : group?.policies ?? this.#policies;
    const policies = layPolicies(inherited, keys.policies, { path, problems });
    const rules = this.#rules(levels, laid, policies);
    if (!lacksGroup) this.#checkLimits(rules, levels, path);
    const name = keys.name;
    if (name === undefined || address === undefined) return undefined;
    this.#noteName(name, path);
    const isTopSource = this.#sources.has(name) && keys.source === undefined;
    const shareAt = levels.findLast(({ keys }) => keys.budget?.share !== undefined)?.path;
    const [source, heartbeat] = [keys.source, laid.heartbeat?.value];
    const proxysql = this.#proxies.of(levels);
    const [isBehindProxy, protectAt] = [proxysql.length > 0, laid.protect.map(({ path }) => path)];
    this.#warner?.add({ name, rules, written: policies, isTopSource, shareAt, isBehindProxy, protectAt });
    return {
      name,
      ...keys.group !== undefined && { group: keys.group },
      address,
      tls,
      interval: laid.interval.value,
      ...source !== undefined && { source },
      ...heartbeat !== undefined && { heartbeat },
      ...proxysql.length > 0 && { proxysql },
      rules,
    };
  }

  #group(
    { group }: DatabaseLevel,
    path: Path,
  ): (ConfigLevel & { readonly policies: WrittenPolicies }) | undefined {
    if (group === undefined || this.#groups === undefined) return undefined;
    const found = this.#groups.get(group);
    if (found === undefined) {
      const near = didYouMean(group, [...this.#groups.keys()], '"');
      this.#problems.report([...path, "group"], `no group has this name: ${quoted(group)}${near}`);
    }
    return found;
  }

  #noteName(name: string, path: Path): void {
    const first = this.#names.get(name);
    if (first === undefined) this.#names.set(name, path);
    else {
      const where = fileOf(first) === fileOf(path) ? "" : `, ${placeFrom(path, first)}`;
      this.#problems.report([...path, "name"], `another database has this name${where}: "${name}"`);
    }
  }

  #rules(levels: readonly ConfigLevel[], laid: MergedLevels, policies: WrittenPolicies): Rules {
    const { at_least: atLeast, ...budget } = laid.budget;
    const rules: Rules = {
      domain: this.#domain,
      mode: laid.mode.value,
      limits: Object.fromEntries([...laid.limits].map(([name, { value }]) => [name, value])),
      policies: this.#makePolicies(policies),
      protect: this.#protect(laid),
      budget: { ...budget, atLeast },
      rollbackRows: this.#rollbackRows(levels),
      metrics: {},
      tags: this.#tags,
      lease: laid.lease.value === "on",
      verify: laid.verify.value,
      grace: laid.grace.value,
    };
    return { ...rules, metrics: this.#metrics(rules, levels, laid) };
  }

  /** The metrics that are used, which have to be defined for this database. */
  #metrics(
    { policies, protect }: Rules,
    levels: readonly ConfigLevel[],
    laid: MergedLevels,
  ): Rules["metrics"] {
    const expressions = [...policies.flatMap(({ when, until, where }) => [when, until, where]), ...protect];
    const used = new Set(expressions.flatMap((expression) => expression?.metrics ?? []));
    const path = levels.at(-1)!.path;
    return Object.fromEntries([...used].flatMap((name) => {
      const metric = laid.metrics.get(name);
      if (metric?.sql !== undefined) {
        return [[name, { sql: metric.sql, every: metric.every ?? DEFAULTS.metricEvery }]];
      }
      const isKnown = levels.every(({ keys }) => !isWrong(keys, "metrics") && !keys.metrics?.has(name));
      if (isKnown) {
        this.#problems.report(
          path,
          `a metric that is used here is not defined for this database: metric.${name}`,
        );
      }
      return [];
    }));
  }

  /** This limit has a default unless it is defined; it is a number of rows. */
  #rollbackRows(levels: readonly ConfigLevel[]): number {
    let rows: number = DEFAULTS.rollbackRows;
    for (const { path, keys } of levels) {
      const limit = keys.limits?.get(ROLLBACK_ROWS);
      if (limit?.type === "number") rows = limit.value;
      else if (limit !== undefined) {
        const message = `this limit is a number of rows: ${formatQuantity(limit)}`;
        this.#problems.report([...path, "limits", ROLLBACK_ROWS], message);
      }
    }
    return rows;
  }

  #makePolicies(policies: WrittenPolicies): readonly Policy[] {
    return [...policies.byName].flatMap(([name, policy]) =>
      makePolicy(name, policy, {
        compiler: this.#compiler,
        channels: this.#channels,
        ...this.#findings,
      }) ?? []
    );
  }

  #protect({ protect }: MergedLevels): readonly Expression[] {
    return protect.flatMap(({ value, path }) => this.#protection(value, path));
  }

  #protection(source: string, path: Path): readonly Expression[] {
    const expression = this.#compiler.compile(source, path, "session");
    if (expression === undefined) return [];
    if (!this.#protections.has(expression)) checkProtection(expression, path, this.#findings);
    this.#protections.add(expression);
    return [expression];
  }

  #checkLimits({ policies, protect }: Rules, levels: readonly ConfigLevel[], path: Path): void {
    if (this.#limits === undefined) return;
    const defined = new Set(levels.flatMap(({ keys }) => [...keys.limits?.keys() ?? []]));
    const users: readonly (readonly [string, Expression | undefined])[] = [
      ...policies.flatMap(({ name, when, until, where }) =>
        [when, until, where].map((expression) => [`the policy "${name}"`, expression] as const)
      ),
      ...protect.map((expression) => ['"protect"', expression] as const),
    ];
    const told = new Set<string>();
    for (const [user, expression] of users) {
      for (const limit of expression?.limits ?? []) {
        if (defined.has(limit) || told.has(limit)) continue;
        told.add(limit);
        this.#problems.report(
          path,
          `${user} uses a limit that is not defined for this database: limits.${limit}`,
        );
      }
    }
  }
}
