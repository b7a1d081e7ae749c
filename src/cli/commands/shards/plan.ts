import { systemClock } from "../../../clock.ts";
import { clauseText } from "../../../events/mod.ts";
import {
  groupRules,
  type GroupSnapshot,
  NO_GROUP_MEMORY,
  planGroup,
  type PlannedPolicy,
} from "../../../shards/policy/mod.ts";
import { columns } from "../../columns.ts";
import { lookTwice, type PolicyTask } from "./policy_look.ts";

/** `shards plan`: what the policies would do now, as far as two looks can tell. */
export const plan: PolicyTask = async (options) => {
  const { sharding, json, terminal } = options;
  const snapshot = await lookTwice(options);
  const moment = { now: systemClock.now(), wall: systemClock.wall() };
  const policies = planGroup(snapshot, groupRules(sharding, 0), NO_GROUP_MEMORY, moment);
  const { map, moving } = snapshot;
  if (json) {
    const at = new Date(moment.wall).toISOString();
    terminal.print(
      JSON.stringify({ at, mode: sharding.mode, shards: snapshot.shards.length, map, moving, policies }),
    );
  } else terminal.print(...planText(snapshot, policies));
  return snapshot.shards.every(({ reachable }) => reachable) ? 0 : 1;
};

function planText(
  { map, moving, shards }: GroupSnapshot,
  policies: readonly PlannedPolicy[],
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
  ];
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
