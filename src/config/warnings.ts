import {
  column,
  type Constants,
  excludesOnly,
  type Expression,
  formatQuantity,
  implies,
  selectsEverybody,
  valuesNamed,
  whyNeverFalse,
  whyNeverTrue,
} from "../language/mod.ts";
import { quoted } from "../text/nearest.ts";
import { actionOf, type Actions, claims, type Consent, type Policy, type Rules } from "../policy/mod.ts";
import type { LimitLevel } from "./expressions.ts";
import { ROLLBACK_ROWS } from "./levels.ts";
import type { WrittenPolicies } from "./policies.ts";
import { Unproxied } from "./unproxied.ts";
import type { Path, Problems } from "../yaml/mod.ts";

/** The policies of a database, and what else is needed to tell whether they make sense there. */
export interface DatabasePolicies {
  readonly name: string;
  readonly rules: Rules;
  readonly written: WrittenPolicies;
  /** Whether other databases name it as their `source` and it has none itself. */
  readonly isTopSource: boolean;
  /** The path of the level where the share of its budget is written; undefined if none is. */
  readonly shareAt: Path | undefined;
  /** The paths of what is protected, in the order of the rules. */
  readonly protectAt: readonly Path[];
  /** Whether it says which proxy is in front of it. */
  readonly isBehindProxy: boolean;
}

/** Warns about what is valid but almost certainly not what was meant. */
export class ConfigWarnings {
  readonly #warnings: Problems;
  /** By policy: gates on replication, and the databases that are no replicas. */
  readonly #gates = new Map<string, { path: Path; does: string; when: string; names: string[] }>();

  readonly #unproxied = new Unproxied();

  constructor(warnings: Problems) {
    this.#warnings = warnings;
  }

  /** Checks the policies of one database. */
  add(database: DatabasePolicies): void {
    const { rules: { domain: { consent, actions }, policies, limits } } = database;
    const constants = constantsOf(limits);
    this.#warnOfShares(database);
    this.#unproxied.add(
      {
        where: policies.map((policy) => ({
          expression: policy.where,
          path: placeIn(database, policy)("where"),
        })),
        protect: database.rules.protect.map((expression, index) => ({
          expression,
          path: database.protectAt[index] ?? [],
        })),
      },
      database.isBehindProxy,
    );
    const known: DatabaseFacts = { constants, consent, actions };
    const able = policies.filter((policy) => this.#isAble(policy, database, constants));
    for (const [index, policy] of able.entries()) {
      const place = placeIn(database, policy);
      const shadow = able.slice(0, index).find((earlier) => shadows(earlier, policy, known));
      if (shadow !== undefined) {
        this.#warn(
          place("where"),
          `an earlier policy, "${shadow.name}", decides over all that this one selects: ${
            quoted(policy.where.source)
          }`,
        );
      }
      this.#warnOfReach(policy, database);
      if (keepsHolders(policy, known)) {
        this.#warn(
          place("then"),
          `who holds this within a transaction keeps it after "${policy.then}": with "escalate" the policy goes on ` +
            `to its connection, and "kill connection" ends it at once: ${quoted(policy.where.source)}`,
        );
      }
      if (endsTooMuch(policy, known)) {
        this.#warn(
          place("then"),
          `this selects running statements only, and "kill query" would end them without their connections ` +
            `and transactions: "${policy.then}"`,
        );
      }
    }
  }

  /** Reports the warnings that were collected over all databases. */
  finish(): void {
    this.#unproxied.finish(this.#warnings);
    for (const { path, does, when, names } of this.#gates.values()) {
      const all = names.map((name) => `"${name}"`).join(", ");
      const why = names.length === 1
        ? "which is the source of others and names none"
        : "which are sources of others and name none";
      this.#warn(path, `on ${all}, ${why}, this gate ${does}: ${quoted(when)}`);
    }
  }

  /** The kills that a share always allows may be all the budget has. */
  #warnOfShares(database: DatabasePolicies): void {
    const { rules: { policies, budget }, shareAt } = database;
    if (budget.atLeast < budget.kills) return;
    const why = `the budget allows ${budget.kills} kills, and of these always ${
      Math.min(budget.atLeast, budget.kills)
    } ("at_least"), so that this share limits nothing`;
    if (shareAt !== undefined && budget.share < WHOLE) {
      this.#warn([...shareAt, "budget", "share"], `${why}: ${budget.share}%`);
    }
    for (const policy of policies) {
      if (policy.share === undefined || policy.share >= WHOLE) continue;
      this.#warn(placeIn(database, policy)("share"), `${why}: ${policy.share}%`);
    }
  }

  /** A policy may select everybody, all but a few, or more than the budget allows. */
  #warnOfReach(policy: Policy, database: DatabasePolicies): void {
    const { where, when, then, victims } = policy;
    const { kills, per } = database.rules.budget;
    const place = placeIn(database, policy);
    if (actionOf(database.rules.domain.actions, then).acts_on === null) return;
    if (victims.limit !== undefined && victims.limit > kills) {
      const allowed = `${kills} per ${formatQuantity({ type: "duration", value: per })}`;
      this.#warn(place("victims"), `the budget allows fewer kills, ${allowed}: ${victims.limit}`);
    }
    if (selectsEverybody(where)) {
      this.#warn(place("where"), `this selects everybody: ${quoted(where.source)}`);
    } else if (when === undefined && excludesOnly(where)) {
      const message = "without a gate this ends all sessions but those that it excludes";
      this.#warn(place("where"), `${message}: ${quoted(where.source)}`);
    }
  }

  /** Whether a policy may ever select a session. */
  #isAble(policy: Policy, database: DatabasePolicies, constants: Constants): boolean {
    const { when, where } = policy;
    const place = placeIn(database, policy);
    const nobody = whyNeverTrue(where, constants);
    const never = when && whyNeverTrue(when, constants);
    if (nobody !== undefined) this.#warn(place("where"), `this selects nobody, ever: ${quoted(nobody)}`);
    if (never !== undefined) this.#warn(place("when"), `this gate never opens: ${quoted(never)}`);
    else if (when !== undefined && database.isTopSource) {
      this.#warnOfGate(when, { name: database.name, path: place("when"), constants });
    }
    return nobody === undefined && never === undefined;
  }

  #warnOfGate(
    when: Expression,
    { name, path, constants }: {
      readonly name: string;
      readonly path: Path;
      readonly constants: Constants;
    },
  ): void {
    const standalone = column(when.rows.values(), "standalone");
    if (Object.keys(standalone).length === 0) return;
    const there = { ...constants, ...standalone };
    const does = whyNeverTrue(when, there) !== undefined
      ? "never opens"
      : whyNeverFalse(when, there) !== undefined
      ? "is always open"
      : undefined;
    if (does === undefined) return;
    const key = JSON.stringify([path, does]);
    const gate = this.#gates.get(key) ?? { path, does, when: when.source, names: [] };
    gate.names.push(name);
    this.#gates.set(key, gate);
  }

  #warn(path: Path, message: string): void {
    this.#warnings.report(path, message);
  }
}

/** A share of this much, in percent, means no limit. */
const WHOLE = 100;

function constantsOf(limits: Rules["limits"]): Constants {
  return Object.fromEntries(Object.entries(limits).map(([name, value]) => [`limits.${name}`, value]));
}

/** The path of a policy's key; that of the policy itself if the key's is unknown. */
function placeIn({ written }: DatabasePolicies, { name }: Policy): (key: string) => Path {
  return (key) => written.byName.get(name)?.get(key)?.path ?? [];
}

/** Facts about a database besides its policies. */
interface DatabaseFacts {
  readonly constants: Constants;
  readonly consent: Consent;
  readonly actions: Actions;
}

/** Whether a policy claims everything that a later one could select. False if that is not certain. */
function shadows(earlier: Policy, later: Policy, known: DatabaseFacts): boolean {
  const { constants, actions } = known;
  // Sessions that one of these skips fall through to the next policy.
  const letsPass = earlier.victims.limit !== undefined || earlier.settle !== undefined ||
    (earlier.rollback === undefined && later.rollback === "any");
  if (!claims(earlier, { actions }) || !claims(later, { actions }) || letsPass) return false;
  return isOpenWith(earlier, later, constants) && implies(later.where, earlier.where, constants) &&
    reachesAll(earlier, later, known);
}

/** Whether a gate is open whenever the later policy's gate is. */
function isOpenWith(earlier: Policy, later: Policy, constants: Constants): boolean {
  if (earlier.during !== undefined && earlier.during.text !== later.during?.text) return false;
  if (earlier.when === undefined) return true;
  if (later.when === undefined || earlier.for > later.for) return false;
  const staysOpen = later.until === undefined || later.until.source === earlier.until?.source;
  return staysOpen && implies(later.when, earlier.when, constants);
}

/** Whether the earlier policy reaches every session of the later one: it must name the same verbs where these need consent. */
function reachesAll(earlier: Policy, later: Policy, { constants, consent, actions }: DatabaseFacts): boolean {
  const named = valuesNamed(earlier.where, consent.name);
  const values = [...valuesNamed(later.where, consent.name)];
  if (!values.every((value) => named.has(value) || consent.free.includes(value))) return false;
  const endsStatement = ({ then }: Policy) => actionOf(actions, then).acts_on === "statement";
  return !endsStatement(earlier) || endsStatement(later) || !maySelectIdle(later, constants);
}

function maySelectIdle({ where }: Policy, constants: Constants): boolean {
  return whyNeverTrue(where, { ...constants, running: false, idle: true }) === undefined;
}

/** Whether every session that a policy selects holds something. */
function isOfHolders({ where }: Policy, constants: Constants): boolean {
  return whyNeverTrue(where, { ...constants, ...heldIn(where) }) !== undefined;
}

/** A transaction keeps its locks when a statement is killed. Only the end of the connection releases them. */
function heldIn({ rows }: Expression): Constants {
  return column(rows.values(), "released");
}

/** Whether a policy kills only the statements of sessions that hold something. */
function keepsHolders(policy: Policy, { constants, actions }: DatabaseFacts): boolean {
  return actionOf(actions, policy.then).acts_on === "statement" && policy.escalate === undefined &&
    isOfHolders(policy, constants);
}

function endsTooMuch(policy: Policy, { constants, actions }: DatabaseFacts): boolean {
  return actionOf(actions, policy.then).acts_on === "connection" &&
    policy.victims.order !== "most-blocking" &&
    Object.keys(heldIn(policy.where)).length === 0 && !maySelectIdle(policy, constants);
}

/** A limit below this is hardly a number of rows. */
const SMALL = 1000;

/** A limit that no expression uses does no harm. If it also lacks a unit, it may have been meant to be used. */
export function warnOfLimits(
  levels: readonly LimitLevel[],
  used: ReadonlySet<string>,
  warnings: Problems,
): void {
  for (const { limits, path } of levels) {
    for (const [name, limit] of limits ?? []) {
      if (limit?.type !== "number" || limit.value >= SMALL || used.has(name) || name === ROLLBACK_ROWS) {
        continue;
      }
      const message = "no expression uses this limit, and it has no unit";
      warnings.report([...path, "limits", name], `${message}: ${formatQuantity(limit)}`);
    }
  }
}
