import type { Config, DatabaseConfig } from "./config.ts";
import type { Metric, Policy } from "../policy/mod.ts";
import { type Expression, formatQuantity, type QuantityType } from "../language/mod.ts";
import { writtenBy } from "../yaml/mod.ts";
import { DEFAULTS } from "./defaults.ts";
import { budgetKeys, levelKeys, metricKeys } from "./level_keys.ts";
import { policyKeys } from "./policy_keys.ts";

/** One resolved database: its keys as written, with their defaults. JSON-able. */
export interface DatabaseConfigReport {
  readonly name: string;
  readonly group?: string;
  readonly host?: string;
  readonly port?: number;
  readonly socket?: string;
  readonly source?: string;
  readonly user?: string;
  /** Only that there is one, never its value. */
  readonly password?: "***";
  readonly ssl_mode: string;
  readonly mode: string;
  readonly interval: string;
  readonly lease: "on" | "off";
  readonly verify: string;
  readonly grace: string;
  readonly heartbeat?: string;
  readonly budget: {
    readonly kills: number;
    readonly per: string;
    readonly share: string;
    readonly at_least: number;
  };
  /** Without those whose type is unknown. */
  readonly limits: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, { readonly sql: string; readonly every: string }>>;
  readonly tags: readonly string[];
  readonly policies: readonly PolicyConfigReport[];
  readonly protect: readonly string[];
}

/** One policy in force. */
export interface PolicyConfigReport {
  readonly name: string;
  readonly description?: string;
  readonly mode?: string;
  readonly when: string;
  readonly until?: string;
  readonly for: string;
  readonly during?: string;
  readonly where: string;
  readonly then: string;
  readonly escalate?: string;
  readonly victims: { readonly order: string; readonly limit?: number };
  readonly settle?: string;
  readonly give_up_after?: number;
  readonly share?: string;
  readonly rollback?: string;
}

/** Reports how each database was understood. */
export function databaseReports({ databases }: Config): readonly DatabaseConfigReport[] {
  return databases.map(databaseReport);
}

/** Reports how one database was understood. */
export function databaseReport(database: DatabaseConfig): DatabaseConfigReport {
  const { name, group, address, source, account, tls, interval, heartbeat, rules } = database;
  const { kills, per, share, atLeast } = rules.budget;
  return {
    name,
    ...group !== undefined && { group },
    ...address,
    ...source !== undefined && { source },
    ...account !== undefined && { user: account.user, password: "***" },
    ssl_mode: tls.mode,
    mode: rules.mode,
    interval: writtenBy(levelKeys.interval, interval),
    lease: rules.lease ? "on" : "off",
    verify: writtenBy(levelKeys.verify, rules.verify),
    grace: writtenBy(levelKeys.grace, rules.grace),
    ...heartbeat !== undefined && { heartbeat },
    budget: {
      kills,
      per: writtenBy(budgetKeys.per, per),
      share: writtenBy(budgetKeys.share, share),
      at_least: atLeast,
    },
    limits: limitsReport(database),
    metrics: Object.fromEntries(Object.entries(rules.metrics).map(metricReport)),
    tags: rules.tags,
    policies: rules.policies.map(policyReport),
    protect: rules.protect.map(({ source }) => source),
  };
}

/** Every expression knows the types of all limits. */
function limitsReport(
  { rules: { policies, protect, limits } }: DatabaseConfig,
): DatabaseConfigReport["limits"] {
  const [expression]: readonly (Expression | undefined)[] = [
    ...policies.map(({ where }) => where),
    ...protect,
  ];
  const types = expression?.limitTypes ?? new Map<string, QuantityType>();
  return Object.fromEntries(
    Object.entries(limits).flatMap(([name, value]) => {
      const type = types.get(name);
      return type === undefined ? [] : [[name, formatQuantity({ type, value })]];
    }),
  );
}

function metricReport(
  [name, { sql, every }]: readonly [string, Metric],
): [string, { sql: string; every: string }] {
  return [name, { sql, every: writtenBy(metricKeys.every, every) }];
}

function policyReport(policy: Policy): PolicyConfigReport {
  const { name, description, mode, when, until, during, where, then, escalate, share, settle, rollback } =
    policy;
  return {
    name,
    ...description !== undefined && { description },
    ...mode !== undefined && { mode },
    when: when?.source ?? "always",
    ...until !== undefined && { until: until.source },
    for: writtenBy(policyKeys.for, policy.for),
    ...during !== undefined && { during: writtenBy(policyKeys.during, during) },
    where: where.source,
    then,
    ...escalate !== undefined && { escalate: writtenBy(policyKeys.escalate, escalate) },
    victims: policy.victims,
    ...settle !== undefined && {
      settle: writtenBy(policyKeys.settle, settle.wait),
      give_up_after: settle.giveUpAfter,
    },
    ...share !== undefined && { share: writtenBy(policyKeys.share, share) },
    ...rollback !== undefined && { rollback },
  };
}

/** How many database names a line has. */
const NAMED = 8;

/** A summary of many databases, in lines for people. */
export function summarize(databases: readonly DatabaseConfigReport[]): readonly string[] {
  const all = databases.length;
  const armed = databases.filter(({ mode }) => mode === "enforce").map(({ name }) => name);
  const policies = Map.groupBy(
    databases.flatMap(({ mode, policies }) => policies.map((policy) => ({ policy, mode }))),
    ({ policy: { name, then } }) => `${name}: ${then}`,
  );
  const lines = [...policies].map(([text, uses]) => {
    const kills = uses.filter(({ policy, mode }) => mode === "enforce" && policy.mode !== "dry-run").length;
    const where = uses.length === all ? "all databases" : `${uses.length} of ${all} databases`;
    const arms = kills === 0 ? "" : `, armed on ${kills === uses.length ? "all of these" : kills}`;
    return `  ${text} on ${where}${arms}`;
  });
  const idle = databases.filter(({ policies }) => policies.length === 0).map(({ name }) => name);
  return [
    `${all} databases, ${armed.length === 0 ? "none armed" : `armed ${armed.length}: ${someOf(armed)}`}`,
    ...lines,
    ...idle.length === 0 ? [] : [`  no policy is in force on ${someOf(idle)}`],
    "  --verbose tells all that holds for each",
  ];
}

function someOf(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(", ") + (more > 0 ? `, and ${more} more` : "");
}

/** One database in lines for people. */
export function describeDatabase(report: DatabaseConfigReport): readonly string[] {
  const { name, host, port, socket, mode, interval, ssl_mode, budget, user, group, source } = report;
  const { lease, verify, grace, heartbeat, limits, metrics, policies, protect } = report;
  return [
    `${name} (${socket ?? `${host}:${port}`}): ${mode}, a look every ${interval}, ssl_mode ${ssl_mode}, ` +
    `${budget.kills} kills and ${budget.share}, at least ${budget.at_least}, per ${budget.per}` +
    some(", group ", group) + some(", source ", source) +
    (user === undefined ? "" : `, as ${user} with password ***`),
    `  lease ${lease}, verify ${verify}, grace ${grace}${some(", heartbeat ", heartbeat)}`,
    ...named("limits", Object.entries(limits).map(([name, value]) => `${name} ${value}`)),
    ...Object.entries(metrics).map(([name, { sql, every }]) => `  metric.${name}, every ${every}: ${sql}`),
    ...policies.map((policy) => `  ${describePolicy(policy)}`),
    ...protect.map((source) => `  protected: ${source}`),
  ];
}

const AT_ONCE = writtenBy(policyKeys.for, DEFAULTS.for);

function describePolicy(policy: PolicyConfigReport): string {
  const { name, mode, then, when, until, during, where, escalate, settle, give_up_after } = policy;
  const { victims: { order, limit }, share, rollback } = policy;
  const victims = order === DEFAULTS.order && limit === undefined ? undefined : `${order}${some(" ", limit)}`;
  return [
    `${name}${mode === undefined ? "" : ` (${mode})`}: ${then}`,
    ` when ${when}${policy.for === AT_ONCE ? "" : ` for ${policy.for}`}${some(" until ", until)}`,
    some(", during ", during),
    `, where ${where}`,
    some(", escalate after ", escalate),
    some(", victims ", victims),
    settle === undefined ? "" : `, settle ${settle}, give up after ${give_up_after}`,
    some(", share ", share),
    some(", rollback ", rollback),
  ].join("");
}

function some(before: string, value: string | number | undefined): string {
  return value === undefined ? "" : `${before}${value}`;
}

function named(name: string, texts: readonly string[]): readonly string[] {
  return texts.length === 0 ? [] : [`  ${name}: ${texts.join(", ")}`];
}
