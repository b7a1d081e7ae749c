import { SHARD_ACTIONS, type ShardPolicy } from "../../config/mod.ts";
import { namesOf, pressures, type Subject } from "../../language/mod.ts";
import {
  exhaustedBy,
  type Gate,
  type GateMemory,
  type Hold,
  modeOf,
  type Moment,
  rememberGates,
  Rounds,
  type Spend,
} from "../../policy/mod.ts";
import type { GroupDecision, SkippedChange } from "./decision.ts";
import { type GroupGate, groupGates, isOver, membersOf } from "./gates.ts";
import { type ChangeProgress, changeSeen, type GroupMemory, questionKey, recognizeShard } from "./memory.ts";
import type { GroupReason } from "./reason.ts";
import type { GroupRules } from "./rules.ts";
import type { GroupSnapshot, ShardMetrics } from "./snapshot.ts";

/** When it is decided, and what was found outside the group. */
export interface GroupMoment extends Moment {
  /** Why nothing at all is changed now: pause, lease, journal. */
  readonly hold?: Hold & { readonly reason: "paused" | "lease" | "journal" };
}

/** The decisions of one look at a group, and what to remember for the next. */
export interface GroupDecisions {
  readonly decisions: readonly GroupDecision[];
  readonly gates: readonly GroupGate[];
  readonly memory: GroupMemory;
}

export interface GroupOptions {
  /** Judges an open gate as if it had been open for its `for` already: what will be done, where it stays open. */
  readonly soon?: boolean;
}

/** Decides what is done with a group of shards. Pure: the same arguments give the same decisions. */
export function decideGroup(
  snapshot: GroupSnapshot,
  rules: GroupRules,
  memory: GroupMemory,
  moment: GroupMoment,
  { soon = false }: GroupOptions = {},
): GroupDecisions {
  const known = { now: moment.now, grace: rules.grace };
  const recognized = snapshot.shards.map((shard) =>
    [shard.shard, recognizeShard(memory.shards[shard.shard], shard, known)] as const
  );
  const shards = { ...memory.shards, ...Object.fromEntries(recognized) };
  const found = groupGates(snapshot, rules, { shards, group: memory.group, moment });
  const shown = soon ? found.map((each) => ({ ...each, gate: each.gate.asReady() })) : found;
  const round = new GroupRound(snapshot, rules, { ...memory, shards }, moment);
  for (const policy of rules.policies) {
    for (const each of shown) if (each.policy === policy && each.gate.ready) round.ask(each);
  }
  return { decisions: round.decisions, gates: shown, memory: round.remember(found) };
}

class GroupRound {
  readonly decisions: GroupDecision[] = [];
  readonly #snapshot: GroupSnapshot;
  readonly #rules: GroupRules;
  readonly #memory: GroupMemory;
  readonly #moment: GroupMoment;
  readonly #rounds = new Map<string | undefined, Rounds>();
  readonly #acted: Set<string>;
  readonly #told: Set<string>;
  readonly #spent: Spend[];
  #change: ChangeProgress | undefined;
  /** One decision has been made at this look. */
  #isTaken = false;

  constructor(snapshot: GroupSnapshot, rules: GroupRules, memory: GroupMemory, moment: GroupMoment) {
    this.#snapshot = snapshot;
    this.#rules = rules;
    this.#memory = memory;
    this.#moment = moment;
    this.#acted = new Set(memory.acted);
    this.#told = new Set(memory.told);
    this.#spent = memory.group.spent.filter(({ at }) => moment.now - at < rules.budget.per);
    this.#change = changeSeen(memory.change, snapshot);
  }

  ask(question: GroupGate): void {
    const { policy, shard } = question;
    const { changes, adds } = SHARD_ACTIONS[policy.then];
    if (!changes) return this.#tell(question, "match");
    // A policy's own dry run is in nobody's way, and tells once what it would do.
    if (policy.mode === "dry-run") return this.#tell(question, "would");
    const rounds = this.#roundsOf(shard);
    const measured = policy.settle === undefined ? {} : pressures(policy.when, this.#subject(shard));
    if (policy.settle !== undefined) rounds.observe(policy.name, measured);
    const obstacle = this.#obstacle(question);
    if (obstacle !== undefined) return this.#tell(question, obstacle.skipped, obstacle);
    this.#isTaken = true;
    this.#acted.add(questionKey(policy.name, shard));
    if (policy.settle !== undefined) rounds.begin(policy.name, measured);
    if (adds > 0) this.#spent.push({ at: this.#moment.now, policy: policy.name, action: policy.then });
    this.#decide(question);
    if (this.#rules.mode !== "enforce") return;
    const { decided, action } = this.decisions.at(-1)!;
    this.#change = {
      decision: { policy: policy.name, action, decided, ...shard !== undefined && { shard } },
      seen: 0,
    };
  }

  /** Forgets what ended with each gate that closed. */
  remember(gates: readonly GroupGate[]): GroupMemory {
    const closed = new Set(
      gates.filter(({ gate }) => isOver(gate)).map(({ policy, shard }) => questionKey(policy.name, shard)),
    );
    const isOpen = (key: string) => !closed.has(key);
    const shards = Object.fromEntries(
      Object.entries(this.#memory.shards).map(([shard, memory]) =>
        [shard, this.#rememberGates(memory, shard, gates)] as const
      ),
    );
    const group = this.#rememberGates({ ...this.#memory.group, spent: this.#spent }, undefined, gates);
    return {
      shards,
      group,
      ...this.#change !== undefined && { change: this.#change },
      acted: [...this.#acted].filter(isOpen),
      retry: Object.fromEntries(
        Object.entries(this.#memory.retry).filter(([, until]) => until > this.#moment.now),
      ),
      told: [...this.#told].filter((told) => isOpen(told.slice(0, told.lastIndexOf(" ")))),
    };
  }

  #rememberGates<M extends GateMemory>(
    memory: M,
    shard: string | undefined,
    gates: readonly GroupGate[],
  ): M {
    const own = gates.filter((each) => each.shard === shard);
    // Of a shard that was not looked at there is nothing new.
    if (shard !== undefined && !this.#snapshot.shards.some((each) => each.shard === shard)) return memory;
    const rounds = this.#roundsOf(shard);
    const { settling, gaveUp } = rounds;
    const next = rememberGates(
      { ...memory, settling, gaveUp },
      own.map(({ gate }) => gate),
      this.#rules,
      this.#moment.now,
    );
    // The end of a policy's hours is not the end of what it acts on.
    const paused = new Set(own.filter(({ gate }) => gate.by === "during").map(({ policy }) => policy.name));
    const kept = Object.entries(settling).filter(([policy]) => paused.has(policy));
    return {
      ...next,
      settling: { ...next.settling, ...Object.fromEntries(kept) },
      gaveUp: [
        ...next.gaveUp,
        ...gaveUp.filter((policy) => paused.has(policy) && !next.gaveUp.includes(policy)),
      ],
    };
  }

  #roundsOf(shard: string | undefined): Rounds {
    const known = this.#rounds.get(shard);
    if (known !== undefined) return known;
    const memory = shard === undefined ? this.#memory.group : this.#memory.shards[shard]!;
    const made = new Rounds(memory, this.#moment.now);
    this.#rounds.set(shard, made);
    return made;
  }

  #subject(shard: string | undefined): Subject {
    const { limits } = this.#rules;
    if (shard === undefined) return { limits, database: {}, members: membersOf(this.#snapshot.shards) };
    return { limits, database: this.#shard(shard).values };
  }

  #shard(name: string): ShardMetrics {
    return this.#snapshot.shards.find(({ shard }) => shard === name)!;
  }

  /** Why a policy does not act now: first what holds for the whole group, then what holds for this policy. */
  #obstacle(question: GroupGate): SkippedChange | undefined {
    return this.#groupObstacle() ?? this.#ownObstacle(question) ?? this.#growthObstacle(question) ??
      this.#shardObstacle(question);
  }

  #groupObstacle(): SkippedChange | undefined {
    const { hold, now } = this.#moment;
    const { shards, map, moving } = this.#snapshot;
    if (hold !== undefined) return skipped(hold.reason, hold.note);
    const isUnderWay = this.#change?.decision !== undefined && this.#change.ended === undefined;
    if (this.#isTaken || isUnderWay || moving) return skipped("changing");
    const lost = shards.filter(({ reachable }) => !reachable).map(({ shard }) => shard);
    if (lost.length > 0) return skipped("unreachable", lost.join(", "));
    if (!map.agrees) return skipped("map", map.reason);
    const young = shards.filter(({ shard }) => now < this.#memory.shards[shard]!.holdUntil);
    if (young.length > 0) return skipped("grace", young.map(({ shard }) => shard).join(", "));
    return this.#change === undefined ? undefined : skipped("not-seen");
  }

  #ownObstacle({ policy, shard }: GroupGate): SkippedChange | undefined {
    const key = questionKey(policy.name, shard);
    if (policy.settle === undefined && this.#acted.has(key)) return skipped("acted");
    const reason = this.#roundsOf(shard).reason(policy, this.#rules.mode !== "enforce");
    if (reason !== undefined) return skipped(reason);
    if (this.#moment.now < (this.#memory.retry[key] ?? 0)) {
      return skipped("settle", "it could not be done the last time");
    }
  }

  #growthObstacle({ policy }: GroupGate): SkippedChange | undefined {
    const { maxShards, budget: { shards, per } } = this.#rules;
    if (SHARD_ACTIONS[policy.then].adds === 0) return undefined;
    // One without slots is the next one to get some.
    const full = this.#snapshot.shards.filter(({ slots }) => slots !== 0);
    if (full.length >= maxShards) return skipped("max-shards", String(maxShards));
    const exhausted = exhaustedBy({ policy: { name: policy.name }, action: policy.then }, this.#spent, {
      budget: { kills: shards, per, share: 100, atLeast: 1 },
      actions: SHARD_ACTIONS,
      there: { running: 0, connections: 0 },
    });
    return exhausted && skipped("budget");
  }

  /** What a shard has that no other shard can take. */
  #shardObstacle({ policy, shard, gate }: GroupGate): SkippedChange | undefined {
    if (shard === undefined || !SHARD_ACTIONS[policy.then].of_shard) return undefined;
    const { slots, hot_key: hot } = this.#shard(shard);
    if (slots !== undefined && slots < 2) return skipped("one-slot");
    if (hot === undefined || !isAboutRows(policy, gate)) return undefined;
    return skipped("hot-key", `${hot.percent}% of its rows, in ${hot.table}`);
  }

  /** What does nothing is told once, as long as its gate is open. */
  #tell(question: GroupGate, what: "match" | "would" | GroupReason, outcome?: SkippedChange): void {
    const key = `${questionKey(question.policy.name, question.shard)} ${what}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#decide(question, outcome);
  }

  #decide({ policy, shard, gate }: GroupGate, outcome?: SkippedChange): void {
    this.decisions.push({
      policy: policy.name,
      action: policy.then,
      ...shard !== undefined && { shard },
      mode: modeOf(this.#rules, policy),
      because: gate.because,
      decided: this.#moment.now,
      ...outcome !== undefined && { outcome },
    });
  }
}

function skipped(reason: GroupReason, note?: string): SkippedChange {
  return { skipped: reason, ...note !== undefined && { note } };
}

/** Whether it is only for its rows that a policy would act: these are what is known of single keys. */
function isAboutRows({ when, until }: ShardPolicy, { by, because }: Gate): boolean {
  const { tree } = by === "until" && until !== undefined ? until : when;
  const others = [...namesOf(tree)].filter((name) =>
    !ABOUT_ROWS.includes(name) && !name.startsWith("limits.")
  );
  const isNamed = (name: string, text: string) => new RegExp(`\\b${name}\\b`, "i").test(text);
  return because.length > 0 &&
    because.every(({ expression }) => !others.some((name) => isNamed(name, expression)));
}

const ABOUT_ROWS: readonly string[] = ["rows", "size"];
