import {
  afterOutcome,
  decideGroup,
  type GroupDecision,
  type GroupGate,
  type GroupMemory,
  type GroupRules,
  groupRules,
  type GroupSnapshot,
  isOrder,
  NO_GROUP_MEMORY,
} from "../shards/policy/mod.ts";
import { quoted } from "../text/nearest.ts";
import type { TrialFailure } from "./failure.ts";
import type { ExpectedChange, GroupExpectation, GroupTrial } from "./group_trial.ts";
import { becauseText, gateText, time } from "./reason.ts";
import { valueAt } from "./series.ts";

/** Runs a test of policies about shards. Returns its failures: none if it passes. */
export function judgeGroup(trial: GroupTrial): readonly TrialFailure[] {
  const judge = new GroupJudge(trial);
  const { interval } = trial.growth.metrics;
  const last = trial.expect.at(-1)?.at ?? 0;
  let left = [...trial.expect];
  for (let at = 0; at <= last; at += interval) {
    judge.look(at);
    for (const expectation of left.filter((each) => each.at < at + interval)) judge.check(expectation);
    left = left.filter((each) => each.at >= at + interval);
  }
  return judge.failures;
}

/** Decisions of one kind, and how many of these the test has checked. */
interface DecisionCount {
  readonly all: GroupDecision[];
  asked: number;
}

class GroupJudge {
  readonly failures: TrialFailure[] = [];
  readonly #trial: GroupTrial;
  readonly #rules: GroupRules;
  readonly #changes: DecisionCount = { all: [], asked: 0 };
  readonly #matches: DecisionCount = { all: [], asked: 0 };
  readonly #skipped: GroupDecision[] = [];
  #memory: GroupMemory = NO_GROUP_MEMORY;
  #gates: readonly GroupGate[] = [];
  /** The change under way, and when it is done. */
  #order: { readonly decision: GroupDecision; readonly until: number } | undefined;

  constructor(trial: GroupTrial) {
    this.#trial = trial;
    // It counts as armed, and as reached for long.
    this.#rules = groupRules({ mode: "enforce", growth: trial.growth }, 0);
  }

  look(at: number): void {
    this.#end(at);
    const moment = { now: at, wall: this.#trial.start + at };
    const { decisions, gates, memory } = decideGroup(this.#snapshot(at), this.#rules, this.#memory, moment);
    this.#memory = memory;
    this.#gates = gates;
    for (const decision of decisions) {
      if (decision.outcome !== undefined) this.#skipped.push(decision);
      else (isOrder(decision) ? this.#changes : this.#matches).all.push(decision);
    }
    const order = decisions.find(isOrder);
    if (order !== undefined) this.#order = { decision: order, until: at + this.#trial.takes };
    if (this.#trial.takes === 0) this.#end(at);
  }

  #end(now: number): void {
    if (this.#order === undefined || this.#order.until > now) return;
    const { decision } = this.#order;
    this.#memory = afterOutcome(this.#memory, { decision, outcome: { outcome: "done" } }, {
      ...this.#rules,
      now,
    });
    this.#order = undefined;
  }

  #snapshot(at: number): GroupSnapshot {
    const shards = this.#trial.shards.map(({ name, values, reachable }) => {
      const isThere = reachable === undefined || valueAt(reachable, at) === true;
      const readings = Object.entries(values).map(([key, series]) => [key, valueAt(series, at)] as const);
      const identity = { server: name, started: 0 };
      return {
        shard: name,
        at,
        values: isThere ? Object.fromEntries(readings) : {},
        sources: {},
        unknown: {},
        table_counts: {},
        rows_exact: true,
        reachable: isThere,
        ...isThere && { report: { identity, uptime: at, readOnly: false } },
      };
    });
    return { at, shards, map: { version: 1, agrees: true }, moving: this.#order !== undefined };
  }

  check({ at, changes, matches, skipped }: GroupExpectation): void {
    if (changes !== undefined) this.#compare("changes", changes, this.#changes, at);
    if (matches !== undefined) this.#compare("matches", matches, this.#matches, at);
    for (const expected of skipped) {
      const { reason } = expected;
      const isSkipped = ({ outcome }: GroupDecision) => reason === undefined || outcome?.skipped === reason;
      const found = this.#skipped.filter((decision) => isMeant(expected, decision));
      if (found.some(isSkipped)) continue;
      this.failures.push({
        at,
        what: "skipped",
        expected: [`${changeText(expected)}${reason === undefined ? "" : `, ${quoted(reason)}`}`],
        found: orNothing(found.map(decisionText)),
        why: this.#why(expected),
      });
    }
  }

  #compare(what: string, expected: readonly ExpectedChange[], count: DecisionCount, at: number): void {
    const found = count.all.slice(count.asked);
    count.asked = count.all.length;
    const surplus = [...found];
    const missing = expected.filter((change) => {
      const index = surplus.findIndex((decision) => isMeant(change, decision));
      if (index >= 0) surplus.splice(index, 1);
      return index < 0;
    });
    if (missing.length === 0 && surplus.length === 0) return;
    this.failures.push({
      at,
      what,
      expected: orNothing(expected.map(changeText)),
      found: orNothing(found.map(decisionText)),
      why: [
        ...missing.flatMap((change) => this.#why(change)),
        ...surplus.map((decision) => `${decisionText(decision)}: ${becauseText(decision.because)}`),
      ],
    });
  }

  /** Why a policy did not do what was expected: its gate, and the last reason to hold it back. */
  #why(expected: ExpectedChange): readonly string[] {
    const gates = this.#gates.filter(({ policy, shard }) =>
      policy.name === expected.policy && (expected.shard === undefined || shard === expected.shard)
    );
    return gates.map(({ policy, shard, gate }) => {
      const skipped = this.#skipped.findLast((each) => each.policy === policy.name && each.shard === shard);
      const held = skipped?.outcome === undefined
        ? ""
        : `; skipped at ${time(skipped.decided)}, ${quoted(skipped.outcome.skipped)}`;
      return `${policy.name}${shard === undefined ? "" : ` ${shard}`}: its gate is ${gateText(gate)}${held}`;
    });
  }
}

function isMeant({ policy, action, shard }: ExpectedChange, decision: GroupDecision): boolean {
  return decision.policy === policy && (action === undefined || decision.action === action) &&
    (shard === undefined || decision.shard === shard);
}

function changeText({ policy, action, shard }: ExpectedChange): string {
  return [policy, ...action === undefined ? [] : [action], ...shard === undefined ? [] : [shard]].join(" ");
}

function decisionText({ policy, action, shard, decided, outcome }: GroupDecision): string {
  const held = outcome === undefined ? "" : `, ${quoted(outcome.skipped)}`;
  return `${changeText({ policy, action, ...shard !== undefined && { shard } })} at ${time(decided)}${held}`;
}

function orNothing(items: readonly string[]): readonly string[] {
  return items.length === 0 ? ["nothing"] : items;
}
