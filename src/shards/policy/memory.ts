import {
  forget,
  type GateMemory,
  type Memory,
  NO_MEMORY,
  recognize,
  type RoundProgress,
} from "../../policy/mod.ts";
import type { GroupDecision, GroupOutcome } from "./decision.ts";
import type { GroupRules } from "./rules.ts";
import type { GroupSnapshot, ShardMetrics } from "./snapshot.ts";

/** What is known from earlier looks at a group of shards. JSON-able. */
export interface GroupMemory {
  /** By shard: who it is, and the gates and rounds of the policies about each. */
  readonly shards: Readonly<Record<string, Memory>>;
  /** The gates and rounds of the policies about the group, and what is spent of the budget. */
  readonly group: Memory;
  /** The last change, until it has been seen often enough. */
  readonly change?: ChangeProgress;
  /** Those that have acted, or rehearsed that, and whose gates have not closed since; see {@linkcode questionKey}. */
  readonly acted: readonly string[];
  /** When, by the clock's `now`, those may try again that could not do it. */
  readonly retry: Readonly<Record<string, number>>;
  /** What was already told, as the key of a question and what was told, so that it is told once. */
  readonly told: readonly string[];
}

/** A change of the group, until it has been seen in two looks. */
export interface ChangeProgress {
  /** The decision; absent where somebody else changes the group. */
  readonly decision?: Pick<GroupDecision, "policy" | "action" | "shard" | "decided">;
  /** When it ended, by the clock's `now`; absent while it is under way. */
  readonly ended?: number;
  /** In how many looks in a row it has been seen since, and when the last of them was. */
  readonly seen: number;
  readonly seenAt?: number;
}

export const NO_GROUP_MEMORY: GroupMemory = {
  shards: {},
  group: NO_MEMORY,
  acted: [],
  retry: {},
  told: [],
};

/** In how many looks a change has to be seen, after its end, before the next one. */
export const LOOKS_AFTER = 2;

/** The shortest wait after something could not be done, in milliseconds. */
const RETRY = 60_000;

/** How long a policy waits after what it could not do, in milliseconds. */
export function retryWait({ policies }: Pick<GroupRules, "policies">, name: string): number {
  return Math.max(policies.find((policy) => policy.name === name)?.settle?.wait ?? 0, RETRY);
}

/** The key of a policy, and of the shard that it is asked about. */
export function questionKey(policy: string, shard: string | undefined): string {
  return JSON.stringify([policy, shard ?? null]);
}

/** The memory of one shard to go on with. A server that is new, lost or another one is in grace; rounds stay. */
export function recognizeShard(
  memory: Memory | undefined,
  { report, reachable }: Pick<ShardMetrics, "report" | "reachable">,
  { now, grace }: { readonly now: number; readonly grace: number },
): Memory {
  const { settling, gaveUp } = memory ?? NO_MEMORY;
  const isKnown = memory?.server !== undefined && reachable && report !== undefined;
  const next = isKnown
    ? recognize(memory, report, { now, grace })
    : { ...forget(memory ?? NO_MEMORY, { now, grace }), ...report !== undefined && { server: report } };
  return { ...next, settling, gaveUp };
}

/** Takes note of a change that is under way, and of one that has ended, as this look shows it. */
export function changeSeen(
  change: ChangeProgress | undefined,
  { at, moving, map, shards }: GroupSnapshot,
): ChangeProgress | undefined {
  if (change?.decision !== undefined && change.ended === undefined) return change;
  // Whoever moves slots: what was read meanwhile says nothing about the time after.
  if (moving) return { ...change?.decision && { decision: change.decision }, ended: at, seen: 0 };
  if (change?.ended === undefined) return undefined;
  if (at <= (change.seenAt ?? change.ended)) return change;
  if (!map.agrees || !shards.every(({ reachable }) => reachable)) return { ...change, seen: 0, seenAt: at };
  return change.seen + 1 >= LOOKS_AFTER ? undefined : { ...change, seen: change.seen + 1, seenAt: at };
}

/**
 * The memory after a decision was carried out, or was not. A policy that could not act may try again after its
 * `settle`, and after a minute at least; one whose change was cancelled too, and without `settle` after its gate has closed.
 * @param now Of the clock's `now`, in milliseconds.
 */
export function afterOutcome(
  memory: GroupMemory,
  { decision, outcome }: { readonly decision: GroupDecision; readonly outcome: GroupOutcome },
  { policies, now }: Pick<GroupRules, "policies"> & { readonly now: number },
): GroupMemory {
  const { policy: name, shard, action, decided } = decision;
  const key = questionKey(name, shard);
  const change: ChangeProgress = {
    decision: { policy: name, action, decided, ...shard !== undefined && { shard } },
    ended: now,
    seen: 0,
  };
  if (outcome.outcome === "done") {
    const since = (progress: RoundProgress): RoundProgress => ({ ...progress, since: now });
    return { ...withProgress(memory, decision, since), change };
  }
  // It was no round: that `when` has not improved says nothing.
  const undone = withProgress(memory, decision, () => undefined);
  const refused = outcome.outcome === "refused";
  // Whoever cancels a change does not want it at once again: it was its policy's turn.
  const isOver = outcome.outcome === "cancelled";
  return {
    ...undone,
    group: refused ? refunded(undone.group, decision) : undone.group,
    change,
    acted: isOver ? memory.acted : memory.acted.filter((acted) => acted !== key),
    retry: { ...memory.retry, [key]: now + retryWait({ policies }, name) },
  };
}

function refunded(group: Memory, { policy, action, decided }: GroupDecision): Memory {
  const index = group.spent.findIndex((spend) =>
    spend.at === decided && spend.policy === policy && spend.action === action
  );
  return index < 0 ? group : { ...group, spent: group.spent.toSpliced(index, 1) };
}

/** Changes the last round of the policy that decided, if it has one. */
function withProgress(
  memory: GroupMemory,
  { policy, shard }: GroupDecision,
  change: (progress: RoundProgress) => RoundProgress | undefined,
): GroupMemory {
  const of = <M extends GateMemory>(one: M): M => {
    const { [policy]: progress, ...others } = one.settling;
    const changed = progress && change(progress);
    return { ...one, settling: { ...others, ...changed && { [policy]: changed } } };
  };
  if (shard === undefined) return { ...memory, group: of(memory.group) };
  const known = memory.shards[shard];
  return known === undefined ? memory : { ...memory, shards: { ...memory.shards, [shard]: of(known) } };
}
