import { didYouMean } from "../language/mod.ts";
import { DEFAULTS, type Policy } from "./config.ts";
import type { ExpressionCompiler } from "./expressions.ts";
import type { Path, Problems } from "./problem.ts";
import type { ConfigFile, GroupLevel, PolicyKeys } from "./schema.ts";

/** A policy as it is written: each key with the place that it was written at. */
export type WrittenPolicy = ReadonlyMap<string, { readonly value: unknown; readonly path: Path }>;

/** The policies of one level, by name and in the order in which they are asked. */
export type WrittenPolicies = ReadonlyMap<string, WrittenPolicy>;

/** The policies at the top of the file. */
export function topPolicies(policies: ConfigFile["policies"], problems: Problems): WrittenPolicies {
  const result = new Map<string, WrittenPolicy>();
  for (const [index, policy] of (policies ?? []).entries()) {
    if (policy?.name === undefined) continue;
    const path = ["policies", index];
    if (result.has(policy.name)) {
      problems.report([...path, "name"], `another policy has this name: "${policy.name}"`);
    }
    result.set(policy.name, written(policy, path));
  }
  return result;
}

/** Lays the policies of a group or database over those that it inherits. */
export function layPolicies(
  inherited: WrittenPolicies,
  level: GroupLevel["policies"],
  { path, problems }: { readonly path: Path; readonly problems: Problems },
): WrittenPolicies {
  const result = new Map(inherited);
  for (const [name, override] of level ?? []) {
    const place = [...path, "policies", name];
    const base = inherited.get(name);
    if (override === "off" || override === "false") {
      if (base === undefined) {
        const near = didYouMean(name, [...inherited.keys()], '"');
        problems.report(place, `no policy of this name is in force here: "${name}"${near}`, "key");
      }
      result.delete(name);
    } else {
      if (base === undefined) requireWhole(name, override, { place, inherited, problems });
      result.set(name, new Map([...base ?? [], ...written(override, place)]));
    }
  }
  return result;
}

function requireWhole(
  name: string,
  policy: PolicyKeys,
  { place, inherited, problems }: {
    readonly place: Path;
    readonly inherited: WrittenPolicies;
    readonly problems: Problems;
  },
): void {
  const missing = (["where", "then"] as const).filter((key) => policy[key] === undefined);
  if (missing.length === 0) return;
  const near = didYouMean(name, [...inherited.keys()], '"');
  const keys = missing.map((key) => `"${key}"`).join(" and ");
  problems.report(
    place,
    `no policy of this name is inherited, and a new one needs ${keys}: "${name}"${near}`,
    "key",
  );
}

function written(policy: PolicyKeys & { readonly name?: string | undefined }, path: Path): WrittenPolicy {
  const keys = Object.entries(policy).filter(([key, value]) => key !== "name" && value !== undefined);
  return new Map(keys.map(([key, value]) => [key, { value, path: [...path, key] }]));
}

/** Compiles a written policy; undefined where something in it is wrong. */
export function makePolicy(
  name: string,
  policy: WrittenPolicy,
  compiler: ExpressionCompiler,
): Policy | undefined {
  const value = <K extends keyof PolicyKeys>(key: K) => policy.get(key)?.value as PolicyKeys[K];
  const expression = (key: "when" | "where") => {
    const entry = policy.get(key);
    return entry &&
      compiler.compile(entry.value as string, entry.path, key === "when" ? "database" : "session");
  };
  const [when, where, then] = [expression("when"), expression("where"), value("then")];
  if (where === undefined || then === undefined) return undefined;
  const { order = DEFAULTS.order, limit } = value("victims") ?? {};
  const [description, mode] = [value("description"), value("mode")];
  return {
    name,
    ...description !== undefined && { description },
    ...mode !== undefined && { mode },
    ...when !== undefined && { when },
    for: value("for") ?? 0,
    where,
    then,
    victims: { order, ...limit !== undefined && { limit } },
  };
}
