import { canSelectRunning, type Expression } from "../language/mod.ts";
import { didYouMean, quoted } from "../text/nearest.ts";
import { DEFAULTS } from "./defaults.ts";
import { ACTION_NAMES, ACTIONS, type Policy } from "../policy/mod.ts";
import type { ExpressionCompiler } from "./expressions.ts";
import { isWrong, type Path, type Problems } from "../yaml/mod.ts";
import { warnOfTexts } from "./misfits.ts";
import type { Findings } from "./findings.ts";
import { policyKeys } from "./policy_keys.ts";
import type { ConfigFile, GroupLevel, PolicyKeys } from "./schema.ts";

/** A policy as written: each key with the path where it is written. */
export type WrittenPolicy = ReadonlyMap<string, { readonly value: unknown; readonly path: Path }>;

/** The policies of one level. */
export interface WrittenPolicies {
  /** In evaluation order. */
  readonly byName: ReadonlyMap<string, WrittenPolicy>;
  /** Whether that is all of them. If not, a missing name is no problem. */
  readonly complete: boolean;
}

/** The policies at the top of the file. */
export function topPolicies(file: ConfigFile, problems: Problems): WrittenPolicies {
  const policies = file.policies ?? [];
  const byName = new Map<string, WrittenPolicy>();
  for (const [index, policy] of policies.entries()) {
    if (policy?.name === undefined) continue;
    const path = ["policies", index];
    if (byName.has(policy.name)) {
      problems.report([...path, "name"], `another policy has this name: "${policy.name}"`);
    }
    byName.set(policy.name, written(policy, path));
  }
  const isWhole = policies.every((policy) => policy?.name !== undefined);
  return { byName, complete: isWhole && !isWrong(file, "policies") };
}

/** Merges the policies of a group or database with those it inherits. */
export function layPolicies(
  inherited: WrittenPolicies,
  level: GroupLevel["policies"],
  { path, problems }: { readonly path: Path; readonly problems: Problems },
): WrittenPolicies {
  const byName = new Map(inherited.byName);
  for (const [name, override] of level ?? []) {
    const place = [...path, "policies", name];
    const base = byName.get(name);
    const problem = base === undefined && inherited.complete ? problemOfNew(override) : undefined;
    if (problem !== undefined) {
      const near = didYouMean(name, [...byName.keys()], '"');
      problems.report(place, `${problem}: ${quoted(name)}${near}`, "key");
    }
    if (override === "off") byName.delete(name);
    else byName.set(name, layKeys(base, written(override ?? {}, place)));
  }
  return { byName, complete: inherited.complete };
}

/** The problem with an override if no policy of its name is inherited. */
function problemOfNew(policy: PolicyKeys | "off" | undefined): string | undefined {
  if (policy === "off") return "no policy of this name is in force here";
  const missing = (["where", "then"] as const)
    .filter((key) => policy !== undefined && !Object.hasOwn(policy, key));
  if (missing.length === 0) return undefined;
  const keys = missing.map((key) => `"${key}"`).join(" and ");
  return `no policy of this name is inherited, and a new one needs ${keys}`;
}

/** An override names only what differs, within mappings such as `victims` too. */
function layKeys(base: WrittenPolicy | undefined, override: WrittenPolicy): WrittenPolicy {
  const result = new Map(base);
  for (const [key, { value, path }] of override) {
    const under = base?.get(key)?.value;
    result.set(key, {
      value: isMerged(key) && under !== undefined ? { ...under, ...value as object } : value,
      path,
    });
  }
  return result;
}

function isMerged(key: string): boolean {
  const row = policyKeys[key as keyof typeof policyKeys];
  return "merge" in row && row.merge === "each";
}

function written(policy: PolicyKeys & { readonly name?: string | undefined }, path: Path): WrittenPolicy {
  const keys = Object.entries(policy).filter(([key, value]) => key !== "name" && value !== undefined);
  return new Map(keys.map(([key, value]) => [key, { value, path: [...path, key] }]));
}

/** Whether it selects sessions by cause. */
function isByCause({ rows }: Expression): boolean {
  return [...rows.values()].some((row) => row.is_cause);
}

function checkChannels(
  named: readonly string[],
  path: Path,
  { channels, problems }: { readonly channels: readonly string[] | undefined; readonly problems: Problems },
): void {
  for (const name of named) {
    if (channels === undefined || channels.includes(name)) continue;
    const near = didYouMean(name, channels, '"');
    problems.report(path, `no channel has this name, below "notify": ${quoted(name)}${near}`);
  }
}

/** Compiles a written policy; undefined if something in it is wrong. */
export function makePolicy(
  name: string,
  policy: WrittenPolicy,
  { compiler, channels, problems, warnings }: Findings & {
    readonly compiler: ExpressionCompiler;
    /** The names of those that can be told; undefined if these are not known. */
    readonly channels: readonly string[] | undefined;
  },
): Policy | undefined {
  const value = <K extends keyof PolicyKeys>(key: K) => policy.get(key)?.value as PolicyKeys[K];
  const expression = (key: "when" | "until" | "where") => {
    const entry = policy.get(key);
    return entry &&
      compiler.compile(entry.value as string, entry.path, key === "where" ? "session" : "database");
  };
  const [when, until] = [expression("when"), expression("until")];
  const [where, done] = [expression("where"), value("then")];
  if (where === undefined || done === undefined) return undefined;
  const { action: then, notify } = done;
  checkChannels(notify, policy.get("then")!.path, { channels, problems });
  warnOfTexts(where, policy.get("where")!.path, { problems, warnings });
  const escalate = policy.get("escalate");
  const { acts_on: part, escalates_to: next } = ACTIONS[then];
  if (escalate !== undefined && next === null) {
    const able = ACTION_NAMES.filter((action) => ACTIONS[action].escalates_to !== null);
    const only = able.map((action) => `"${action}"`).join(" and ");
    const message = `only ${only} can be escalated, to the connection: "${then}"`;
    problems.report(escalate.path, message, "key");
  }
  if (part === "statement" && !canSelectRunning(where)) {
    const message =
      `this selects idle sessions only, and "${then}" does nothing to them, "kill connection" does`;
    problems.report(policy.get("where")!.path, `${message}: ${quoted(where.source)}`);
  }
  const { order = DEFAULTS.order, limit } = value("victims") ?? {};
  const [description, mode, during, share, rollback, wait] = [
    value("description"),
    value("mode"),
    value("during"),
    value("share"),
    value("rollback"),
    value("settle"),
  ];
  if (until !== undefined && policy.get("when") === undefined) {
    problems.report(policy.get("until")!.path, 'only a gate with "when" can be closed', "key");
  }
  if (when !== undefined && wait === undefined && part !== null && isByCause(where)) {
    const message =
      'this kills by cause, and that takes time to help: "settle" waits for it, and stops where it does not';
    warnings.report(policy.get("where")!.path, `${message}: ${quoted(where.source)}`);
  }
  const giveUpAfter = policy.get("give_up_after");
  if (giveUpAfter !== undefined && wait === undefined) {
    problems.report(giveUpAfter.path, 'only a policy with "settle" gives up', "key");
  }
  return {
    name,
    ...description !== undefined && { description },
    ...mode !== undefined && { mode },
    ...when !== undefined && { when },
    ...until !== undefined && { until },
    ...during !== undefined && { during },
    for: value("for") ?? DEFAULTS.for,
    where,
    then,
    ...notify.length > 0 && { notify },
    ...escalate !== undefined && { escalate: escalate.value as number },
    ...share !== undefined && { share },
    ...rollback !== undefined && { rollback },
    ...wait !== undefined && {
      settle: { wait, giveUpAfter: value("give_up_after") ?? DEFAULTS.giveUpAfter },
    },
    victims: { order, ...limit !== undefined && { limit } },
  };
}
