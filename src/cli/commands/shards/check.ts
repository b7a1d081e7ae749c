import { type CheckReport, checkShards } from "../../../shards/mod.ts";
import { table } from "../../table.ts";
import type { Task, TaskOptions } from "./task.ts";

/** `shards list`. */
export const list: Task = async (options) => {
  await show(options, listText);
  return 0;
};

/** `shards check`. */
export const check: Task = async (options) => await show(options, checkText) ? 0 : 1;

/** Returns whether the shards are one group. */
async function show(
  { sharding, databases, json, terminal }: TaskOptions,
  textOf: (report: CheckReport) => readonly string[],
): Promise<boolean> {
  const report = await checkShards(sharding, databases);
  if (json) terminal.print(JSON.stringify(report));
  else terminal.print(...textOf(report));
  return report.ok;
}

function listText({ shards, map }: CheckReport): readonly string[] {
  const rows = shards.map(({ shard, slots, findings }) =>
    [
      shard,
      `${slots} slots`,
      findings.length === 0 ? "ok" : `${findings.length} problems, see shards check`,
    ] as const
  );
  return [...table(rows), ...map.map(({ problem }) => `map: ${problem}`)];
}

function checkText({ shards, map, ok }: CheckReport): readonly string[] {
  const all = [...shards.map(({ shard, findings }) => ({ name: shard, findings })), {
    name: "map",
    findings: map,
  }];
  return [
    ...all.flatMap(({ name, findings }) =>
      findings.length === 0
        ? [`${name}: ok`]
        : findings.flatMap(({ problem, help }) => [`${name}: ${problem}`, `  ${help}`])
    ),
    ok ? "the shards are one group" : "the shards are not one group yet: change what is named above",
  ];
}
