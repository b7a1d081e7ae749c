import { namesOf } from "../language/mod.ts";
import type { Memory } from "./memory.ts";
import type { Policy, Rules } from "./policy.ts";

/**
 * The memory to go on with under new rules. What is known about changed policies is forgotten, as if they were new.
 * What was decided about executions stays, so that no kill is made twice.
 */
export function withNewRules(memory: Memory, before: Rules, after: Rules): Memory {
  const kept = new Set(
    after.policies.filter((policy) => isAsBefore(policy, before, after)).map(({ name }) => name),
  );
  const only = <T>(byPolicy: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(byPolicy).filter(([name]) => kept.has(name)));
  return {
    ...memory,
    gates: only(memory.gates),
    settling: only(memory.settling),
    gaveUp: memory.gaveUp.filter((name) => kept.has(name)),
    told: memory.told.filter((told) => kept.has(told.split(" ")[0]!)),
  };
}

/** Whether a policy means the same under both rules, including the values of the limits it names. */
function isAsBefore(policy: Policy, before: Rules, after: Rules): boolean {
  const old = before.policies.find(({ name }) => name === policy.name);
  if (old === undefined || textOf(old) !== textOf(policy)) return false;
  return [policy.when, policy.until, policy.where].every((expression) =>
    expression === undefined || [...namesOf(expression.tree)].every((name) => {
      const limit = name.startsWith("limits.") ? name.slice("limits.".length) : undefined;
      return limit === undefined || before.limits[limit] === after.limits[limit];
    })
  );
}

/** All that a policy says; expressions as they are written. */
function textOf({ when, until, where, ...rest }: Policy): string {
  return JSON.stringify([rest, when?.source, until?.source, where.source]);
}
