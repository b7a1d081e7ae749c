import type { Clock } from "../../clock.ts";
import { DatabaseError } from "../../connection/mod.ts";
import { type Group, groupWith, type Member } from "../members/member.ts";
import {
  afterOutcome,
  decideGroup,
  type GateChange,
  gateChanges,
  graceOf,
  type GroupDecision,
  type GroupGate,
  type GroupMemory,
  type GroupMoment,
  type GroupOutcome,
  type GroupRules,
  groupRules,
  type GroupSnapshot,
  isOrder,
  NO_GROUP_MEMORY,
  type PastChange,
  reminded,
} from "../policy/mod.ts";
import { type Change, ChangeError } from "./change.ts";
import { StoppedError } from "./change_context.ts";
import type { Coordinator, CoordinatorRole } from "./coordinator.ts";

/** What watching a group needs. */
export interface GroupWatchOptions {
  /** As it is configured. */
  readonly group: Group;
  readonly coordinator: Pick<Coordinator, "role" | "current" | "changes" | "carryOut">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Reads the servers that were added or drained. Throws DatabaseError. */
  members(): Promise<readonly Member[]>;
  /** Reads the group once. Throws DatabaseError where that is not possible at all. */
  look(group: Group): Promise<GroupSnapshot>;
  /** Why nothing may be begun now; undefined: it may. */
  paused(): Promise<string | undefined>;
  tell(news: GroupNews): void;
  /** Told of what should never happen, while something is carried out. */
  failed(error: unknown): void;
}

/** What is told of looks at a group. */
export type GroupNews =
  /** A gate that is in another state than at the look before. */
  | { readonly kind: "gate"; readonly gate: GateChange }
  | { readonly kind: "decision"; readonly decision: GroupDecision }
  | { readonly kind: "outcome"; readonly decision: GroupDecision; readonly outcome: GroupOutcome }
  /** Told when it changes; without a reason it can be looked at again. */
  | { readonly kind: "unreadable"; readonly reason?: string };

/** A gate as the last look found it. */
export interface WatchedGate extends GroupGate {
  /** What its policy does about it now; absent: it does nothing yet. */
  readonly decision?: GroupDecision;
}

/** How far back changes count, in number: more than any budget has. */
const REMEMBERED = 200;

/** Looks at a group at each interval, asks the policies, and has carried out what they decide. */
export class GroupWatch {
  readonly #options: GroupWatchOptions;
  #snapshot: GroupSnapshot | undefined;
  #memory: GroupMemory = NO_GROUP_MEMORY;
  /** The role for which the journal was read the last time. */
  #role: CoordinatorRole | undefined;
  /** The ids of changes that the memory has. */
  readonly #known = new Set<string>();
  #problem: string | undefined;
  #looks = 0;
  #gates: readonly WatchedGate[] = [];

  constructor(options: GroupWatchOptions) {
    this.#options = options;
  }

  /** The last look; undefined before the first. */
  get snapshot(): GroupSnapshot | undefined {
    return this.#snapshot;
  }

  /** Why the group cannot be looked at. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get looks(): number {
    return this.#looks;
  }

  /** The gates of all policies at the last look; those of policies about each shard once for each. */
  get gates(): readonly WatchedGate[] {
    return this.#gates;
  }

  /** Looks until the signal. */
  async run(): Promise<void> {
    const { clock, signal, group } = this.#options;
    const { interval } = group.sharding.growth.metrics;
    while (!signal.aborted) {
      const began = clock.now();
      await this.#look();
      await clock.sleep(Math.max(100, interval - (clock.now() - began)), signal);
    }
  }

  async #look(): Promise<void> {
    const { group, coordinator } = this.#options;
    // Read first: whoever gets the lease later than the journal was read does not know what was done until then.
    const { role } = coordinator;
    try {
      const members = await this.#options.members();
      const snapshot = await this.#options.look(servingGroup(members, group));
      // A change that was begun before a restart, or by somebody, is under way though no slot moves yet.
      const busy = coordinator.current !== undefined;
      this.#snapshot = { ...snapshot, moving: snapshot.moving || busy };
      this.#looks++;
      if (role !== this.#role || role.role === "standby") await this.#remember();
      this.#role = role;
      this.#tellProblem(undefined);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      return this.#tellProblem(error.message);
    }
    await this.#decide(this.#snapshot, role);
  }

  #tellProblem(reason: string | undefined): void {
    if (reason === this.#problem) return;
    this.#problem = reason;
    this.#options.tell({ kind: "unreadable", ...reason !== undefined && { reason } });
  }

  /** Takes note of what the journal tells: others change the group, too, or did before. */
  async #remember(): Promise<void> {
    const { coordinator, clock } = this.#options;
    const past = (await coordinator.changes(REMEMBERED)).flatMap(pastOf);
    const { policies } = this.#options.group.sharding.growth;
    if (past.length === 0) return;
    this.#memory = reminded(this.#memory, past, {
      policies,
      now: clock.now(),
      wall: clock.wall(),
      known: this.#known,
    });
    for (const { id } of past) this.#known.add(id);
  }

  async #decide(snapshot: GroupSnapshot, role: CoordinatorRole): Promise<void> {
    const { tell, clock, failed } = this.#options;
    const { group } = this.#options;
    const rules = groupRules(group.sharding, graceOf(group));
    const hold = await this.#hold(role);
    // Nothing is waited for from here on: what was carried out may change the memory at each wait.
    const moment = { now: clock.now(), wall: clock.wall(), ...hold };
    const before = this.#memory;
    this.#gates = gatesNow(snapshot, rules, before, moment);
    const { decisions, gates, memory } = decideGroup(snapshot, rules, before, moment);
    this.#memory = memory;
    for (const gate of gateChanges(gates, before)) tell({ kind: "gate", gate });
    for (const decision of decisions) {
      tell({ kind: "decision", decision });
      if (isOrder(decision)) this.#carryOut(decision, rules).catch(failed);
    }
  }

  async #hold(role: CoordinatorRole): Promise<Pick<GroupMoment, "hold">> {
    const paused = await this.#options.paused();
    if (paused !== undefined) return { hold: { reason: "paused", note: paused } };
    if (role.role === "standby") return { hold: { reason: "lease", note: role.why } };
    // What others did meanwhile is known at the next look.
    return this.#options.coordinator.role === role
      ? {}
      : { hold: { reason: "lease", note: "it has just changed hands" } };
  }

  /** Looks go on meanwhile. */
  async #carryOut(decision: GroupDecision, rules: GroupRules): Promise<void> {
    const outcome = await this.#outcomeOf(decision);
    if (outcome === undefined) return;
    this.#memory = afterOutcome(this.#memory, { decision, outcome }, {
      policies: rules.policies,
      now: this.#options.clock.now(),
    });
    this.#options.tell({ kind: "outcome", decision, outcome });
  }

  async #outcomeOf(decision: GroupDecision): Promise<GroupOutcome | undefined> {
    const { policy, action, shard, because } = decision;
    if (action === "log") return undefined;
    const cause = `${policy}: ${because.map(({ expression, left }) => `${expression} (${left})`).join(", ")}`;
    try {
      const change = await this.#options.coordinator.carryOut({
        action,
        policy,
        cause,
        ...shard !== undefined && { source: shard },
      });
      this.#known.add(change.id);
      return outcomeOf(change);
    } catch (error) {
      if (error instanceof StoppedError) return undefined;
      if (error instanceof ChangeError || error instanceof DatabaseError) {
        return { outcome: "refused", reason: error.message };
      }
      throw error;
    }
  }
}

/** The gates, with what their policies do about them: also what was told at an earlier look. */
function gatesNow(
  snapshot: GroupSnapshot,
  rules: GroupRules,
  memory: GroupMemory,
  moment: GroupMoment,
): readonly WatchedGate[] {
  const { gates, decisions } = decideGroup(snapshot, rules, { ...memory, told: [] }, moment);
  return gates.map((each) => {
    const decision = decisions.find(({ policy, shard }) =>
      policy === each.policy.name && shard === each.shard
    );
    return { ...each, ...decision !== undefined && { decision } };
  });
}

/** Those that serve: one that is drained may be gone, and one that is prepared has nothing to measure. */
function servingGroup(members: readonly Member[], configured: Group): Group {
  const group = groupWith(members.filter(({ state }) => state === "serving"), configured);
  const drained = new Set(members.filter(({ state }) => state === "drained").map(({ shard }) => shard));
  const shards = group.sharding.shards.filter((shard) => !drained.has(shard));
  return { ...group, sharding: { ...group.sharding, shards } };
}

function outcomeOf({ outcome, reason }: Change): GroupOutcome {
  if (outcome === "failed" || outcome === "cancelled") {
    return { outcome, reason: reason ?? "its journal does not say why" };
  }
  return { outcome: "done", ...reason !== undefined && { note: reason } };
}

/** What a change of the journal was to a policy. */
function pastOf(change: Change): readonly PastChange[] {
  const { id, policy, action, source, shard, began, changed, outcome } = change;
  if (policy === undefined || action === "drain") return [];
  const isFailed = outcome === "failed" || outcome === "cancelled";
  return [{
    id,
    policy,
    action,
    ...action === "split" && source !== undefined && { shard: source },
    decided: Date.parse(began),
    ...outcome !== undefined && { ended: Date.parse(changed) },
    ...isFailed && { failed: true },
    ...outcome === "cancelled" && { cancelled: true },
    ...isFailed && shard === undefined && { refused: true },
  }];
}
