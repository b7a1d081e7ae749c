import { type GroupReport, verifyGroup } from "../../../shards/move/mod.ts";
import { table } from "../../table.ts";
import type { Task } from "./task.ts";

/** `shards verify`: reads all rows of all shards. */
export const verify: Task = async ({ sharding, databases, json, terminal }) => {
  const report = await verifyGroup({ sharding, databases });
  if (json) terminal.print(JSON.stringify(report));
  else terminal.print(...reportText(report));
  return report.ok ? 0 : 1;
};

function reportText({ shards, problems, move, ok }: GroupReport): readonly string[] {
  const rows = shards.map(({ shard, slots, rows }) =>
    [
      shard,
      `${slots} slots`,
      Object.entries(rows).map(([name, count]) => `${name} ${count}`).join(", "),
    ] as const
  );
  return [
    ...table(rows),
    ...problems.map(({ where, problem }) => `${where}: ${problem}`),
    ...move === undefined ? [] : [`move ${move} is under way: it compares its rows itself`],
    ok
      ? "every row is on the shard that owns its slot, and every slot has one owner"
      : "the shards are not as they have to be",
  ];
}
