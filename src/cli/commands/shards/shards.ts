import type { ShardingConfig, WatchedDatabase } from "../../../config/mod.ts";
import { DatabaseError } from "../../../connection/mod.ts";
import { type CheckReport, checkShards, initSteps, runSteps } from "../../../shards/mod.ts";
import { quoted } from "../../../text/nearest.ts";
import { findConfigFile } from "../../config_file.ts";
import { chosenDatabases } from "../../database_choice.ts";
import type { Invocation, Run, Terminal } from "../../invocation.ts";
import { table } from "../../table.ts";
import { UsageError } from "../../usage_error.ts";
import { shardingOf } from "../router/router.ts";
import type { PolicyTask } from "./policy_look.ts";
import { SHARD_TASKS, type ShardTask } from "./task_name.ts";

interface Group {
  readonly sharding: ShardingConfig;
  readonly databases: readonly WatchedDatabase[];
  readonly json: boolean;
}

const POLICY_TASKS: Readonly<Partial<Record<ShardTask, () => Promise<PolicyTask>>>> = {
  plan: async () => (await import("./plan.ts")).plan,
  explain: async () => (await import("./explain.ts")).explain,
  record: async () => (await import("./record.ts")).record,
  replay: async () => (await import("./replay.ts")).replay,
};

/** `query-sniper shards`. */
export const shards: Run = async (invocation, terminal) => {
  await findConfigFile(invocation, terminal);
  const { task, rest } = taskOf(invocation);
  const chosen = await chosenDatabases(invocation, terminal);
  if (chosen === undefined) return 2;
  const { config, databases } = chosen;
  const group = {
    sharding: shardingOf(config, "shards"),
    databases,
    json: invocation.options.get("format") === "json",
  };
  const ofPolicies = POLICY_TASKS[task];
  if (ofPolicies !== undefined) return await (await ofPolicies())({ ...group, terminal, arguments: rest });
  if (task === "init") return await init(group, terminal);
  const report = await checkShards(group.sharding, group.databases);
  if (group.json) terminal.print(JSON.stringify(report));
  else terminal.print(...task === "list" ? listText(report) : checkText(report));
  return task === "list" || report.ok ? 0 : 1;
};

function taskOf(
  { arguments: [task, ...rest] }: Invocation,
): { readonly task: ShardTask; readonly rest: readonly string[] } {
  const known = SHARD_TASKS.find((name) => name === task);
  if (known === undefined) throw new UsageError(`shards is told: ${SHARD_TASKS.join(", ")}`, "shards");
  const wanted = known === "record" || known === "replay" ? 1 : 0;
  if (rest.length < wanted) throw new UsageError(`shards ${known} needs a file`, "shards");
  const more = rest[wanted];
  if (more !== undefined) {
    throw new UsageError(`shards ${known} takes nothing more: ${quoted(more)}`, "shards");
  }
  return { task: known, rest };
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

async function init(group: Group, terminal: Terminal): Promise<number> {
  const { sharding } = group;
  try {
    const steps = await initSteps(sharding, group.databases);
    if (typeof steps === "string") {
      terminal.warn(`query-sniper: ${steps}`);
      return 1;
    }
    const isDry = sharding.mode === "dry-run";
    if (group.json) terminal.print(...steps.map((step) => JSON.stringify(step)));
    else {
      for (const { database, statements } of steps) {
        terminal.print(
          `-- ${database}`,
          ...statements.map((sql) => `${sql.length > 200 ? `${sql.slice(0, 200)}…` : sql};`),
        );
      }
    }
    if (isDry) {
      terminal.warn("query-sniper: nothing was written: sharding.mode is dry-run");
      return 0;
    }
    await runSteps(steps, group);
    return 0;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    terminal.warn(`query-sniper: ${error.message}: it may be run again`);
    return 1;
  }
}
