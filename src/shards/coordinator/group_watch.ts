import type { Clock } from "../../clock.ts";
import { DatabaseError } from "../../connection/mod.ts";
import { type Group, groupWith, type Member, readMembers } from "../members/member.ts";
import { withMetadata } from "../move/group.ts";
import {
  afterOutcome,
  decideGroup,
  type GroupDecision,
  type GroupMemory,
  type GroupMoment,
  type GroupOutcome,
  type GroupRules,
  type GroupSnapshot,
  isOrder,
  NO_GROUP_MEMORY,
  type PastChange,
  recalled,
} from "../policy/mod.ts";
import { type Change, ChangeError } from "./change.ts";
import { StoppedError } from "./change_context.ts";
import type { Coordinator } from "./coordinator.ts";

/** What watching a group needs. */
export interface GroupWatchOptions {
  /** As it is configured. */
  readonly group: Group;
  readonly coordinator: Coordinator;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Reads the group once. Throws DatabaseError where that is not possible at all. */
  look(group: Group): Promise<GroupSnapshot>;
  /** Why nothing may be begun now; undefined: it may. */
  paused(): Promise<string | undefined>;
  tell(news: GroupNews): void;
}

/** What is told of looks at a group. */
export type GroupNews =
  | { readonly kind: "decision"; readonly decision: GroupDecision }
  | { readonly kind: "outcome"; readonly decision: GroupDecision; readonly outcome: GroupOutcome }
  /** Told when it changes; without a reason it can be looked at again. */
  | { readonly kind: "unreadable"; readonly reason?: string };

/** How far back changes count, in number: more than any budget has. */
const REMEMBERED = 200;

/** Looks at a group at each interval, asks the policies, and has carried out what they decide. */
export class GroupWatch {
  readonly #options: GroupWatchOptions;
  #snapshot: GroupSnapshot | undefined;
  #memory: GroupMemory | undefined;
  #problem: string | undefined;
  #looks = 0;

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
    try {
      const { group, coordinator } = this.#options;
      const members = await withMetadata(group, (metadata) => readMembers(metadata.connection));
      const snapshot = await this.#options.look(servingGroup(members, group));
      // A change that was begun before a restart, or by somebody, is under way though no slot moves yet.
      const busy = coordinator.current !== undefined;
      this.#snapshot = { ...snapshot, moving: snapshot.moving || busy };
      this.#looks++;
      this.#memory ??= await this.#remembered();
      this.#tellProblem(undefined);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      return this.#tellProblem(error.message);
    }
    await this.#decide(this.#snapshot, this.#memory);
  }

  #tellProblem(reason: string | undefined): void {
    if (reason === this.#problem) return;
    this.#problem = reason;
    this.#options.tell({ kind: "unreadable", ...reason !== undefined && { reason } });
  }

  async #remembered(): Promise<GroupMemory> {
    const { coordinator, clock } = this.#options;
    const changes = await coordinator.changes(REMEMBERED);
    const past = changes.flatMap(pastOf);
    return past.length === 0 ? NO_GROUP_MEMORY : recalled(past, { now: clock.now(), wall: clock.wall() });
  }

  async #decide(snapshot: GroupSnapshot, memory: GroupMemory): Promise<void> {
    const { tell, clock } = this.#options;
    const rules = this.#rules();
    const moment = { now: clock.now(), wall: clock.wall(), ...await this.#hold() };
    const { decisions, memory: next } = decideGroup(snapshot, rules, memory, moment);
    this.#memory = next;
    for (const decision of decisions) {
      tell({ kind: "decision", decision });
      if (isOrder(decision)) void this.#carryOut(decision, rules);
    }
  }

  #rules(): GroupRules {
    const { sharding, databases } = this.#options.group;
    const { limits, policies, maxShards, budget } = sharding.growth;
    const grace = Math.max(
      0,
      ...databases.filter(({ name }) => sharding.shards.includes(name)).map(({ rules }) => rules.grace),
    );
    return { mode: sharding.mode, limits, policies, maxShards, budget, grace };
  }

  async #hold(): Promise<Pick<GroupMoment, "hold">> {
    const paused = await this.#options.paused();
    if (paused !== undefined) return { hold: { reason: "paused", note: paused } };
    const { role } = this.#options.coordinator;
    return role.role === "standby" ? { hold: { reason: "lease", note: role.why } } : {};
  }

  /** Looks go on meanwhile. */
  async #carryOut(decision: GroupDecision, rules: GroupRules): Promise<void> {
    const outcome = await this.#outcomeOf(decision);
    if (outcome === undefined) return;
    this.#memory = afterOutcome(this.#memory!, { decision, outcome }, {
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

/** Those that serve: one that is drained may be gone, and one that is prepared has nothing to measure. */
function servingGroup(members: readonly Member[], configured: Group): Group {
  const group = groupWith(members.filter(({ state }) => state === "serving"), configured);
  const drained = new Set(members.filter(({ state }) => state === "drained").map(({ shard }) => shard));
  const shards = group.sharding.shards.filter((shard) => !drained.has(shard));
  return { ...group, sharding: { ...group.sharding, shards } };
}

function outcomeOf({ outcome, reason }: Change): GroupOutcome {
  if (outcome === "failed") return { outcome, reason: reason ?? "its journal does not say why" };
  return { outcome: "done", ...reason !== undefined && { note: reason } };
}

/** What a change of the journal was to a policy. */
function pastOf(change: Change): readonly PastChange[] {
  const { policy, action, source, began, changed, outcome, transfers } = change;
  if (policy === undefined || action === "drain") return [];
  return [{
    policy,
    action,
    ...action === "split" && source !== undefined && { shard: source },
    decided: Date.parse(began),
    ...outcome !== undefined && { ended: Date.parse(changed) },
    ...outcome === "failed" && transfers.length === 0 && { refused: true },
  }];
}
