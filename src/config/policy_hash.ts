import { hash } from "node:crypto";
import { namesOf } from "../language/mod.ts";
import type { Policy, Rules } from "../policy/mod.ts";
import { policyReport } from "./report.ts";

/** How many hexadecimal digits a hash has. */
const LENGTH = 16;

/**
 * A hash of a policy as it was written, with the values of the limits that it names and whether it may kill: another one
 * after every change of these, not of who is told.
 */
export function policyHash(policy: Policy, { mode, limits }: Pick<Rules, "mode" | "limits">): string {
  const expressions = [policy.when, policy.until, policy.where].filter((each) => each !== undefined);
  const names = new Set(expressions.flatMap(({ tree }) => [...namesOf(tree)]));
  const own = Object.entries(limits).filter(([name]) => names.has(`limits.${name}`)).toSorted();
  const { notify: _, description: __, ...deciding } = policy;
  const written = policyReport(deciding);
  return hash("sha256", JSON.stringify([written, mode, own]), "hex").slice(0, LENGTH);
}
