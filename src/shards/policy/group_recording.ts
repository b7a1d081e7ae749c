import { isUnknown } from "../../language/mod.ts";
import { decideGroup } from "./decide.ts";
import { type GroupDecision, isOrder } from "./decision.ts";
import { afterOutcome, type GroupMemory, NO_GROUP_MEMORY } from "./memory.ts";
import type { GroupRules } from "./rules.ts";
import type { GroupSnapshot } from "./snapshot.ts";

/** The first line of a recording of a group. */
export interface GroupRecordingHeader {
  /** The version of the format. */
  readonly group_recording: 1;
  /** Of the program. */
  readonly version: string;
  /** When it began, in ISO format. */
  readonly at: string;
  readonly schema: string;
}

/** One look at a group: a line of a recording. */
export interface RecordedGroupLook {
  /** In milliseconds since 1970. */
  readonly wall: number;
  readonly snapshot: GroupSnapshot;
}

/** What is decided over one recorded look. */
export interface ReplayedLook {
  readonly wall: number;
  readonly decisions: readonly GroupDecision[];
}

/** Reads the first line; a text says what is wrong with it. */
export function headerOf(line: string): GroupRecordingHeader | string {
  const value = parsed(line);
  if (!isRecord(value) || !("group_recording" in value)) return "this is no recording of a group of shards";
  return value["group_recording"] === 1
    ? value as unknown as GroupRecordingHeader
    : "this recording has a format that this version does not read";
}

/** Reads one of the other lines; a text says what is wrong with it. */
export function lookOf(line: string): RecordedGroupLook | string {
  const value = parsed(line);
  if (!isRecord(value)) return "expected a look: it is no JSON object";
  const { wall, snapshot } = value;
  if (typeof wall !== "number" || !isRecord(snapshot)) return "expected a look, with wall and snapshot";
  const { at, shards, map, moving } = snapshot;
  const isWhole = typeof at === "number" && typeof moving === "boolean" && Array.isArray(shards) &&
    isRecord(map) && typeof map["agrees"] === "boolean" && typeof map["version"] === "number";
  if (!isWhole) return "expected a look, with at, shards, map and moving";
  const odd = shards.findIndex((shard) => !isShard(shard));
  return odd < 0 ? value as unknown as RecordedGroupLook : `this shard is not whole: shards[${odd}]`;
}

function isShard(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { shard, values, reachable, report, hot_key: hot } = value;
  return typeof shard === "string" && typeof reachable === "boolean" && isRecord(values) &&
    Object.values(values).every(isReading) && (report === undefined || isReport(report)) &&
    (hot === undefined || (isRecord(hot) && typeof hot["percent"] === "number"));
}

function isReading(value: unknown): boolean {
  return ["number", "string", "boolean"].includes(typeof value) ||
    (isUnknown(value) && typeof value.unknown === "string");
}

function isReport(value: unknown): boolean {
  return isRecord(value) && isRecord(value["identity"]) && typeof value["identity"]["server"] === "string" &&
    typeof value["identity"]["started"] === "number" && typeof value["readOnly"] === "boolean";
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Asks policies about recorded looks, one after the other. What they would have changed counts as done at once, but the
 * shards stay as they were recorded.
 */
export class GroupReplay {
  readonly #rules: GroupRules;
  #memory: GroupMemory = NO_GROUP_MEMORY;

  constructor(rules: GroupRules) {
    this.#rules = rules;
  }

  next({ wall, snapshot }: RecordedGroupLook): ReplayedLook {
    const now = snapshot.at;
    const { decisions, memory } = decideGroup(snapshot, this.#rules, this.#memory, { now, wall });
    const order = decisions.find(isOrder);
    const outcome = { outcome: "done" } as const;
    this.#memory = order === undefined
      ? memory
      : afterOutcome(memory, { decision: order, outcome }, { ...this.#rules, now });
    return { wall, decisions };
  }
}
