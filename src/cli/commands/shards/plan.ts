import { systemClock } from "../../../clock.ts";
import { clauseText } from "../../../events/mod.ts";
import {
  groupRules,
  type GroupSnapshot,
  NO_GROUP_MEMORY,
  planGroup,
  type PlannedPolicy,
} from "../../../shards/policy/mod.ts";
import { DatabaseError } from "../../../connection/mod.ts";
import {
  ChangeError,
  type ChangeRequest,
  rehearseChange,
  type RehearsedChange,
} from "../../../shards/coordinator/mod.ts";
import { RouterProblem } from "../../../shards/mod.ts";
import { columns } from "../../columns.ts";
import { lookTwice } from "./policy_look.ts";
import { rehearsedText } from "./rehearsed_text.ts";
import type { Task } from "./task.ts";

/** What a policy would do, and the slots that its change would move. JSON-able. */
export interface PlannedMoves extends PlannedPolicy, Partial<RehearsedChange> {
  /** Why the slots are not known, or why the change would be refused. */
  readonly no_moves?: string;
}

/** `shards plan`: what the policies would do now, as far as two looks can tell. */
export const plan: Task = async (options) => {
  const { sharding, configured, json, terminal } = options;
  const snapshot = await lookTwice(options);
  const moment = { now: systemClock.now(), wall: systemClock.wall() };
  const planned = planGroup(snapshot, groupRules(sharding, 0), NO_GROUP_MEMORY, moment);
  const policies = await Promise.all(
    planned.map((each) => withMoves(each, (request) => rehearseChange(configured, request))),
  );
  const { map, moving } = snapshot;
  if (json) {
    const at = new Date(moment.wall).toISOString();
    terminal.print(
      JSON.stringify({ at, mode: sharding.mode, shards: snapshot.shards.length, map, moving, policies }),
    );
  } else terminal.print(...planText(snapshot, policies));
  return snapshot.shards.every(({ reachable }) => reachable) ? 0 : 1;
};

/** Adds what the change of a policy that acts would do. */
export async function withMoves(
  planned: PlannedPolicy,
  rehearse: (request: ChangeRequest) => Promise<RehearsedChange>,
): Promise<PlannedMoves> {
  const { verdict, action, policy, shard } = planned;
  if (verdict !== "acts" || action === "log") return planned;
  try {
    const source = shard === undefined ? {} : { source: shard };
    return { ...planned, ...await rehearse({ action, policy, cause: "shards plan", ...source }) };
  } catch (error) {
    const isKnown = error instanceof ChangeError || error instanceof RouterProblem ||
      error instanceof DatabaseError;
    if (!isKnown) throw error;
    return { ...planned, no_moves: error.message };
  }
}

/** The plan for people. */
export function planText(
  { map, moving, shards }: GroupSnapshot,
  policies: readonly PlannedMoves[],
): readonly string[] {
  const lost = shards.filter(({ reachable }) => !reachable);
  return [
    ...map.agrees ? [] : [`the map: ${map.reason}`],
    ...moving ? ["slots are moving"] : [],
    ...lost.map(({ shard, unknown }) => `${shard}: ${Object.values(unknown)[0]}`),
    ...policies.length === 0 ? ["there are no policies: `sharding.policies` is empty"] : columns([
      ["POLICY", "SHARD", "GATE", "WOULD", "BECAUSE"],
      ...policies.map((planned) => [
        planned.policy,
        planned.shard ?? "-",
        planned.gate,
        verdictText(planned),
        planned.because.map(clauseText).join(", "),
      ]),
    ]),
    ...policies.flatMap(movesText),
  ];
}

function movesText({ policy, shard, server, transfers, no_moves: why }: PlannedMoves): readonly string[] {
  const head = `${policy}${shard === undefined ? "" : ` of ${shard}`}`;
  if (why !== undefined) return [`${head}: ${why}`];
  if (transfers === undefined) return [];
  return rehearsedText({ ...server && { server }, transfers }).map((line) => `${head}: ${line}`);
}

/** What comes of a policy, in words. */
export function verdictText({ verdict, action, mode, why, for_ms }: PlannedPolicy): string {
  const later = for_ms === undefined ? "" : `, once it is so for ${for_ms / 1000}s`;
  switch (verdict) {
    case "acts":
      return `${action}${mode === "dry-run" ? " (dry-run)" : ""}${later}`;
    case "tells":
      return `log${later}`;
    case "skipped":
      return `not ${action}: ${why}`;
    case "waits":
      return "nothing";
  }
}
