import { SHARD_ACTIONS, type ShardAction } from "../../config/mod.ts";
import { type Memory, NO_MEMORY, type RoundProgress } from "../../policy/mod.ts";
import { type GroupMemory, NO_GROUP_MEMORY, questionKey, retryWait } from "./memory.ts";
import type { GroupRules } from "./rules.ts";

/** A change of the journal: made before this program began, or by another one. */
export interface PastChange {
  readonly id: string;
  readonly policy: string;
  readonly action: ShardAction;
  readonly shard?: string;
  /** When it was decided, in milliseconds since 1970. */
  readonly decided: number;
  /** When it ended, in milliseconds since 1970; absent: nobody knows that it has. */
  readonly ended?: number;
  /** It could not be done: its policy may try again later. */
  readonly failed?: boolean;
  /** Somebody cancelled it: it is `failed`, too, and its policy has acted. */
  readonly cancelled?: boolean;
  /** It failed before a server was asked for: nothing is spent. */
  readonly refused?: boolean;
}

/** When changes are recalled, and the policies that may have made them. */
export interface Recall extends Pick<GroupRules, "policies"> {
  /** By the two sides of the clock, in milliseconds. */
  readonly now: number;
  readonly wall: number;
}

/**
 * A memory with what others did, or an earlier run of the program: what is spent of the budget, which policies have acted,
 * and which of them wait after what failed. That their gates have closed meanwhile is not known, so that they count as open.
 */
export function recalled(changes: readonly PastChange[], recall: Recall): GroupMemory {
  const { now, wall } = recall;
  const done = changes.filter(({ failed, refused }) => failed !== true && refused !== true);
  const since = (moment: number) => now - Math.max(0, wall - moment);
  const rounds = (shard: string | undefined) =>
    newest(
      done.filter((change) => change.shard === shard)
        .map(({ policy, decided, ended }) => [policy, since(ended ?? decided)] as const),
      (time): RoundProgress => ({ since: time, best: {}, improved: true, fruitless: 0 }),
    );
  const shards = new Set(done.flatMap(({ shard }) => shard ?? []));
  const retries = changes.filter((change) => !done.includes(change)).map((
    { policy, shard, decided, ended },
  ) => [questionKey(policy, shard), since(ended ?? decided) + retryWait(recall, policy)] as const);
  return {
    ...NO_GROUP_MEMORY,
    shards: Object.fromEntries(
      [...shards].map((shard) => [shard, { ...NO_MEMORY, settling: rounds(shard) }]),
    ),
    group: {
      ...NO_MEMORY,
      settling: rounds(undefined),
      spent: changes.filter(({ action, refused }) => refused !== true && SHARD_ACTIONS[action].adds > 0)
        .map(({ policy, action, decided }) => ({ at: since(decided), policy, action })),
    },
    ...changes.length > 0 && { change: { ended: now, seen: 0 } },
    retry: newest(retries.filter(([, until]) => until > now), (until) => until),
    acted: [
      ...new Set(
        changes.filter((change) => change.cancelled === true || done.includes(change))
          .map(({ policy, shard }) => questionKey(policy, shard)),
      ),
    ],
  };
}

/** Of each key what is made of its last time. */
function newest<T>(
  entries: readonly (readonly [key: string, time: number])[],
  make: (time: number) => T,
): Readonly<Record<string, T>> {
  const sorted = entries.toSorted(([, a], [, b]) => a - b);
  return Object.fromEntries(sorted.map(([key, time]) => [key, make(time)]));
}

/**
 * The memory of one that looks on while others change the group, with all that the journal tells by now. Its own gates and
 * graces stay: only it has seen them.
 * @param known The ids of changes that it has taken note of before: what closed since has closed.
 */
export function reminded(
  memory: GroupMemory,
  changes: readonly PastChange[],
  { known, ...recall }: Recall & { readonly known: ReadonlySet<string> },
): GroupMemory {
  const all = recalled(changes, recall);
  const { acted } = recalled(changes.filter(({ id }) => !known.has(id)), recall);
  const { retry: failed } = recalled(changes.filter(({ cancelled }) => cancelled !== true), recall);
  const shards = Object.entries(all.shards).map(([shard, { settling }]) =>
    [shard, settlingSince(memory.shards[shard] ?? NO_MEMORY, settling)] as const
  );
  const isOwn = memory.change?.decision !== undefined && memory.change.ended === undefined;
  return {
    ...memory,
    shards: { ...memory.shards, ...Object.fromEntries(shards) },
    group: { ...settlingSince(memory.group, all.group.settling), spent: all.group.spent },
    ...!isOwn && all.change !== undefined && { change: all.change },
    retry: newest([...Object.entries(memory.retry), ...Object.entries(all.retry)], (until) => until),
    acted: [...new Set([...memory.acted.filter((key) => !(key in failed)), ...acted])],
  };
}

/** What is known of own rounds stays, but for their time, where the journal has a later one. */
function settlingSince(memory: Memory, told: Memory["settling"]): Memory {
  const entries = Object.entries(told).map(([policy, round]) => {
    const own = memory.settling[policy];
    return [policy, own === undefined ? round : { ...own, since: Math.max(own.since, round.since) }] as const;
  });
  return { ...memory, settling: { ...memory.settling, ...Object.fromEntries(entries) } };
}
