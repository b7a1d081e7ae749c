import type { Config, DatabaseConfig } from "./config.ts";
import type { Policy, Rules } from "../policy/mod.ts";
import type { Expression, Quantity } from "../language/mod.ts";
import { type Keys, type Written, writtenBy, writtenKeys, type WrittenMapping } from "../yaml/mod.ts";
import { DEFAULTS } from "./defaults.ts";
import { levelKeys } from "./level_keys.ts";
import { policyKeys } from "./policy_keys.ts";
import { behindKeys, databaseKeys } from "./schema.ts";

/**
 * How one database was understood: each of its keys that has a value, as a file would have it. Which keys there are
 * follows from their tables; named here are those that have a sentence of their own. JSON-able.
 */
export interface DatabaseConfigReport extends WrittenMapping {
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

/** One policy in force, in the same way. */
export interface PolicyConfigReport extends WrittenMapping {
  readonly name: string;
  readonly description?: string;
  readonly mode?: string;
  readonly when: string;
  readonly until?: string;
  readonly for: string;
  readonly then: string | readonly string[];
  readonly victims: { readonly order: string; readonly limit?: number };
}

/** The tables of the keys that are reported. */
export interface ReportedKeys {
  readonly database: Keys;
  readonly policy: Keys;
}

const TABLES: ReportedKeys = {
  database: { ...databaseKeys, ...behindKeys, ...levelKeys },
  policy: policyKeys,
};

/** The order in which these are reported; any other key follows, in the order of its table. */
const DATABASE_ORDER =
  ("name group host port socket source user password ssl_mode mode interval lease verify grace heartbeat budget " +
    "limits metrics tags policies protect").split(" ");
const POLICY_ORDER =
  ("name description mode when until for during where then escalate victims settle give_up_after share rollback")
    .split(" ");

/** Reports how each database was understood. */
export function databaseReports({ databases }: Config): readonly DatabaseConfigReport[] {
  return databases.map((database) => databaseReport(database));
}

/** Reports how one database was understood. */
export function databaseReport(database: DatabaseConfig, tables = TABLES): DatabaseConfigReport {
  const { account, rules } = database;
  const report = {
    ...writtenKeys(tables.database, databaseValues(database)),
    ...account !== undefined && { user: account.user, password: "***" },
    tags: rules.tags,
    policies: rules.policies.map((policy) => policyReport(policy, tables)),
  };
  // The tables have the keys that the type names; tests/config/report_test.ts compares them.
  return inOrder(report, DATABASE_ORDER) as DatabaseConfigReport;
}

/** Reports how one policy was understood. */
export function policyReport(policy: Policy, tables = TABLES): PolicyConfigReport {
  const report = { name: policy.name, ...writtenKeys(tables.policy, policyValues(policy)) };
  return inOrder(report, POLICY_ORDER) as PolicyConfigReport;
}

function inOrder(report: WrittenMapping, order: readonly string[]): WrittenMapping {
  const place = ([key]: readonly [string, unknown]) =>
    order.includes(key) ? order.indexOf(key) : order.length;
  return Object.fromEntries(Object.entries(report).toSorted((a, b) => place(a) - place(b)));
}

/** What is in force, by the names of keys: `atLeast` is the value of `at_least`. */
function byKey(values: object): Readonly<Record<string, unknown>> {
  const keyOf = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [keyOf(name), sourceOf(value)]));
}

/** Expressions are written as their source. */
function sourceOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sourceOf);
  return isExpression(value) ? value.source : value;
}

function isExpression(value: unknown): value is Expression {
  return typeof value === "object" && value !== null && "evaluate" in value;
}

/** By name, apart from what does not stand under the name of its key, or in another shape. */
function databaseValues(database: DatabaseConfig): Readonly<Record<string, unknown>> {
  const { address, tls, rules } = database;
  return byKey({
    ...rules,
    ...database,
    ...address,
    ssl_mode: tls.mode,
    lease: rules.lease ? "on" : "off",
    budget: byKey(rules.budget),
    limits: limitValues(rules),
    metrics: new Map(Object.entries(rules.metrics)),
  });
}

function policyValues(
  { settle, then: action, notify = [], ...policy }: Policy,
): Readonly<Record<string, unknown>> {
  const { wait, giveUpAfter } = settle ?? {};
  return byKey({ when: "always", ...policy, then: { action, notify }, settle: wait, giveUpAfter });
}

/** Every expression knows the types of all limits. */
function limitValues({ policies, protect, limits }: Rules): ReadonlyMap<string, Quantity> {
  const [expression]: readonly (Expression | undefined)[] = [
    ...policies.map(({ where }) => where),
    ...protect,
  ];
  return new Map(
    Object.entries(limits).flatMap(([name, value]) => {
      const type = expression?.limitTypes.get(name);
      return type === undefined ? [] : [[name, { type, value }]];
    }),
  );
}

/** How many database names a line has. */
const NAMED = 8;

/** A summary of many databases, in lines for people. */
export function summarize(databases: readonly DatabaseConfigReport[]): readonly string[] {
  const all = databases.length;
  const armed = databases.filter(({ mode }) => mode === "enforce").map(({ name }) => name);
  const policies = Map.groupBy(
    databases.flatMap(({ mode, policies }) => policies.map((policy) => ({ policy, mode }))),
    ({ policy: { name, then } }) => `${name}: ${thenText(then)}`,
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

/** One database in lines for people: first what has words of its own, then any other key with its value. */
export function describeDatabase(report: DatabaseConfigReport): readonly string[] {
  const { name, group, host, port, socket, source, user, password: _password, ssl_mode, ...rules } = report;
  const { mode, interval, budget, limits, metrics, tags: _tags, policies, protect, ...others } = rules;
  return [
    `${name} (${socket ?? `${host}:${port}`}): ${mode}, a look every ${interval}, ssl_mode ${ssl_mode}, ` +
    `${budget.kills} kills and ${budget.share}, at least ${budget.at_least}, per ${budget.per}` +
    some(", group ", group) + some(", source ", source) +
    (user === undefined ? "" : `, as ${user} with password ***`),
    `  ${clauses(others).join(", ")}`,
    ...named("limits", clauses(limits)),
    ...Object.entries(metrics).map(([name, { sql, every }]) => `  metric.${name}, every ${every}: ${sql}`),
    ...policies.map((policy) => `  ${describePolicy(policy)}`),
    ...protect.map((source) => `  protected: ${source}`),
  ];
}

const AT_ONCE = writtenBy(policyKeys.for.kind, DEFAULTS.for);

function describePolicy({ name, description: _description, ...policy }: PolicyConfigReport): string {
  const { mode, then, when, until, for: wait, ...others } = policy;
  const { order, limit } = policy.victims;
  const victims = order === DEFAULTS.order && limit === undefined ? undefined : `${order}${some(" ", limit)}`;
  return [
    `${name}${mode === undefined ? "" : ` (${mode})`}: ${thenText(then)}`,
    ` when ${when}${wait === AT_ONCE ? "" : ` for ${wait}`}${some(" until ", until)}`,
    ...clauses({ ...others, victims }).map((clause) => `, ${clause}`),
  ].join("");
}

function thenText(then: PolicyConfigReport["then"]): string {
  return typeof then === "string" ? then : then.join(", ");
}

/** Keys whose name alone would not say what their value is. */
const WORDS: Readonly<Record<string, string>> = {
  escalate: "escalate after",
  give_up_after: "give up after",
};

/** Each key with its value, as `grace 10s`. */
function clauses(values: WrittenMapping): readonly string[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [`${WORDS[key] ?? key} ${inOneLine(value)}`]
  );
}

function inOneLine(value: Written): string {
  if (typeof value !== "object") return String(value);
  if (isList(value)) return value.map(inOneLine).join("; ");
  return clauses(value).join(", ");
}

function isList(value: Written): value is readonly Written[] {
  return Array.isArray(value);
}

function some(before: string, value: string | number | undefined): string {
  return value === undefined ? "" : `${before}${value}`;
}

function named(name: string, texts: readonly string[]): readonly string[] {
  return texts.length === 0 ? [] : [`  ${name}: ${texts.join(", ")}`];
}
