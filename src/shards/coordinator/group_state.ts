import type { Clause } from "../../language/mod.ts";
import { type GateState, type Mode, modeOf } from "../../policy/mod.ts";
import { type MoveStatus, slotsText } from "../move/mod.ts";
import { GROUP_REASONS, type GroupDecision, type GroupSnapshot } from "../policy/mod.ts";
import type { SlotMap } from "../slots/slot_map.ts";
import type { Change } from "./change.ts";
import type { CoordinatorRole } from "./coordinator.ts";
import type { WatchedGate } from "./group_watch.ts";
import { type GroupView, type ShardJson, shardsJson } from "./shards_json.ts";

/** A part of what is known, and how old that is. */
export interface Source {
  /** When it was read last, in UTC; absent: never. */
  readonly at?: string;
  /** Why it cannot be read now. */
  readonly problem?: string;
}

/** A gate that is not closed, and what its policy does about it. */
export interface GateJson {
  readonly policy: string;
  /** Absent of a policy about the whole group. */
  readonly shard?: string;
  readonly state: Exclude<GateState, "closed">;
  readonly mode: Mode;
  readonly action: GroupDecision["action"];
  /** Which key of the policy decided: with `until`, `because` is what is not true yet. */
  readonly by: "during" | "when" | "until";
  readonly because: readonly Clause[];
  /** Since when it has been open, in UTC. */
  readonly since?: string;
  /** How long it has to be open before the policy acts, in milliseconds. */
  readonly for_ms: number;
  /** Absent: it has not been open for long enough; `acting`: the change under way is its own. */
  readonly verdict?: "acts" | "acting" | "would" | "tells" | "held";
  /** Why it is held back. */
  readonly why?: string;
}

/** A move; its slots are a text such as `0-511,600`. */
export type MoveJson = Omit<MoveStatus, "slots"> & { readonly slots: string; readonly slot_count: number };

/** A shard; `slots` is null as long as the map was not read. */
export type GroupShard = Omit<ShardJson, "slots"> & {
  readonly slots: number | null;
  /** The key with most of its rows; its value is not told. */
  readonly hot_key?: { readonly table: string; readonly percent: number };
};

/** All that the page of a group shows. Its form may change with any version. */
export interface GroupState {
  readonly version: string;
  readonly schema: string;
  /** By the clock of this coordinator, in UTC. */
  readonly now: string;
  readonly role: CoordinatorRole["role"];
  /** Why it is on standby. */
  readonly role_why?: string;
  readonly paused?: string;
  /** The looks at the shards: their values and gates. */
  readonly looks: Source & { readonly interval_ms: number };
  /** The map and the journals: slots, moves and changes. */
  readonly metadata: Source;
  /** Absent before it was read. */
  readonly map?: { readonly version: number; readonly slots: Readonly<Record<string, string>> };
  /** Why the map and the shards disagree. */
  readonly disagreement?: string;
  readonly policies: number;
  readonly shards: readonly GroupShard[];
  readonly gates: readonly GateJson[];
  /** The change under way, and what it waits for. */
  readonly change?: Change;
  readonly waits_for?: string;
  /** Under way, or resting. */
  readonly moves: readonly MoveJson[];
  /** The newest first. */
  readonly past_moves: readonly MoveJson[];
  readonly past_changes: readonly Change[];
}

/** What was read of the metadata at one moment. */
export interface GroupRecord {
  readonly map: SlotMap;
  readonly members: GroupView["members"];
  readonly shards: readonly string[];
  /** The first one first. */
  readonly moves: readonly MoveStatus[];
  /** The newest first. */
  readonly changes: readonly Change[];
}

/** What a state is made of. */
export interface GroupParts {
  readonly version: string;
  readonly schema: string;
  readonly policies: number;
  readonly interval: number;
  readonly mode: Mode;
  /** The clock's `now` and `wall`. */
  readonly now: number;
  readonly wall: number;
  readonly role: CoordinatorRole;
  readonly current: Change | undefined;
  readonly waitsFor: string | undefined;
  readonly paused: string | undefined;
  readonly snapshot: GroupSnapshot | undefined;
  readonly gates: readonly WatchedGate[];
  readonly lookProblem: string | undefined;
  /** The configured shards: what there is to show before the map was read. */
  readonly shards: readonly string[];
  readonly record: GroupRecord | undefined;
  /** When the record was read, by the clock's `now`. */
  readonly recordAt: number | undefined;
  readonly recordProblem: string | undefined;
}

/** How many ended moves and changes are shown. */
const PAST = 10;

/** The state of a group for its page. Pure. */
export function groupState(parts: GroupParts): GroupState {
  const { now, wall, role, record, snapshot, paused, waitsFor } = parts;
  const time = (at: number) => new Date(wall - (now - at)).toISOString();
  const change = changeOf(parts);
  const moves = (record?.moves ?? []).map(moveJson);
  const { version: mapVersion = 0, agrees = true, reason = "nobody knows why" } = snapshot?.map ?? {};
  // What could not be read does not disagree.
  const unread = agrees || mapVersion > 0 ? undefined : reason;
  return {
    version: parts.version,
    schema: parts.schema,
    now: time(now),
    role: role.role,
    ...role.role === "standby" && { role_why: role.why },
    ...paused !== undefined && { paused },
    looks: {
      ...sourceOf(snapshot && time(snapshot.at), parts.lookProblem ?? unread),
      interval_ms: parts.interval,
    },
    metadata: sourceOf(
      parts.recordAt === undefined ? undefined : time(parts.recordAt),
      parts.recordProblem,
    ),
    ...record !== undefined && { map: { version: record.map.version, slots: slotsByShard(record.map) } },
    ...!agrees && mapVersion > 0 && { disagreement: reason },
    policies: parts.policies,
    shards: shardsOf(parts, change),
    gates: parts.gates.flatMap((gate) => gateJson(gate, { mode: parts.mode, change, time })),
    ...change !== undefined && { change },
    ...waitsFor !== undefined && { waits_for: waitsFor },
    moves: moves.filter((move) => !hasEnded(move)),
    past_moves: moves.filter(hasEnded).toReversed().slice(0, PAST),
    past_changes: (record?.changes ?? []).filter(({ outcome }) => outcome !== undefined).slice(0, PAST),
  };
}

function sourceOf(at: string | undefined, problem: string | undefined): Source {
  return { ...at !== undefined && { at }, ...problem !== undefined && { problem } };
}

/** What is carried out here is known before it is read; what another coordinator carries out is in the journal. */
function changeOf({ current, record }: GroupParts): Change | undefined {
  return current ?? record?.changes.find(({ outcome }) => outcome === undefined);
}

function hasEnded({ state }: Pick<MoveStatus, "state">): boolean {
  return state === "done" || state === "aborted";
}

function moveJson(move: MoveStatus): MoveJson {
  return { ...move, slots: slotsText(move.slots), slot_count: move.slots.length };
}

function slotsByShard({ owners }: SlotMap): Readonly<Record<string, string>> {
  const found = new Map<string, number[]>();
  owners.forEach((owner, slot) => {
    const slots = found.get(owner);
    if (slots === undefined) found.set(owner, [slot]);
    else slots.push(slot);
  });
  return Object.fromEntries([...found].map(([shard, slots]) => [shard, slotsText(slots)]));
}

const NO_MAP: SlotMap = {
  version: 0,
  owners: [],
  epochs: new Map(),
  since: new Map(),
  hiding: new Set(),
};

function shardsOf(parts: GroupParts, change: Change | undefined): readonly GroupShard[] {
  const { record, snapshot, now, wall } = parts;
  const view: GroupView = {
    map: record?.map ?? NO_MAP,
    members: record?.members ?? [],
    shards: record?.shards ?? parts.shards,
    moves: record?.moves ?? [],
    snapshot,
    draining: change?.action === "drain" ? change.source : undefined,
    at: snapshot === undefined ? wall : wall - (now - snapshot.at),
  };
  return shardsJson(view).map((shard) => {
    const hotKey = snapshot?.shards.find((each) => each.shard === shard.shard_id)?.hot_key;
    return {
      ...shard,
      ...hotKey !== undefined && { hot_key: hotKey },
      // Without a map nobody knows who owns a slot.
      ...record === undefined && { slots: null, ...shard.status === "joining" && { status: "unknown" } },
    };
  });
}

function gateJson(
  { policy, shard, gate, decision }: WatchedGate,
  { mode, change, time }: {
    readonly mode: Mode;
    readonly change: Change | undefined;
    time(at: number): string;
  },
): readonly GateJson[] {
  const { state, by, because, since } = gate;
  if (state === "closed") return [];
  const isActing = change !== undefined && change.policy === policy.name &&
    (shard === undefined || change.source === shard);
  const outcome = isActing ? undefined : decision?.outcome;
  return [{
    policy: policy.name,
    ...shard !== undefined && { shard },
    ...{ state, by, because, mode: modeOf({ mode }, policy), action: policy.then, for_ms: policy.for },
    ...since !== undefined && { since: time(since) },
    ...isActing ? { verdict: "acting" } : decision !== undefined && { verdict: verdictOf(decision) },
    ...outcome !== undefined && { why: reasonText(outcome) },
  }];
}

function verdictOf({ action, mode, outcome }: GroupDecision): NonNullable<GateJson["verdict"]> {
  if (outcome !== undefined) return "held";
  if (action === "log") return "tells";
  return mode === "enforce" ? "acts" : "would";
}

/** Why something is held back, in words. */
function reasonText({ skipped, note }: NonNullable<GroupDecision["outcome"]>): string {
  const text = GROUP_REASONS[skipped].replaceAll("`", "");
  return note === undefined ? text : `${text.replace("; note says why", "")}: ${note}`;
}
