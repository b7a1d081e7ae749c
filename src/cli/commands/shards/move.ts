import { quoted } from "../../../text/nearest.ts";
import {
  isPrepared,
  MoveError,
  prepareShard,
  prepareShardSql,
  type RehearsedStep,
  rehearseMove,
  requestMove,
  slotsOfText,
} from "../../../shards/move/mod.ts";
import { UsageError } from "../../usage_error.ts";
import { pausedBy, runToEnd } from "./running.ts";
import type { Task, TaskOptions } from "./task.ts";

/** `shards move FROM TO SLOTS`. */
export const move: Task = async (options) => {
  const { arguments: [from = "", to = "", text = ""], sharding, databases, dryRun, terminal } = options;
  const slots = slotsOfText(text);
  if (slots === undefined) {
    throw new UsageError(`SLOTS are such as 0-511,600: ${quoted(text)}`, "shards");
  }
  const group = { sharding, databases };
  const names = databases.map(({ name }) => name);
  for (const name of [from, to]) {
    if (!names.includes(name)) throw new MoveError(`no database has this name: ${quoted(name)}`);
  }
  const paused = dryRun ? undefined : await pausedBy(options);
  if (paused !== undefined) {
    throw new MoveError(
      `no move is begun: changes are paused: ${paused}`,
      "query-sniper resume ends the pause",
    );
  }
  const request = { from, to, slots, cause: "shards move" };
  const prepared = await isPrepared(group, to);
  if (dryRun) {
    const steps = prepared
      ? await rehearseMove(group, request)
      : [{ step: "prepare" as const, database: to, statements: await prepareShardSql(group, to) }];
    print(steps, options);
    if (!prepared) {
      terminal.warn(`query-sniper: "${to}" is no shard yet: the steps of the move come behind that`);
    }
    const why = sharding.mode === "dry-run" ? "sharding.mode is dry-run" : "--dry-run";
    terminal.warn(`query-sniper: nothing was written: ${why}`);
    return 0;
  }
  if (!prepared) await prepareShard(group, to);
  return await runToEnd(await requestMove(group, request), options);
};

function print(steps: readonly RehearsedStep[], { json, terminal }: TaskOptions): void {
  if (json) terminal.print(...steps.map((step) => JSON.stringify(step)));
  else {
    for (const { step, database, statements } of steps) {
      terminal.print(`-- ${step}: ${database}`, ...statements.map((sql) => `${shortened(sql)};`));
    }
  }
}

/** Lists of slots are long; --format json has all of them. */
function shortened(sql: string): string {
  const line = sql.replaceAll(/\s+/g, " ");
  return line.length > 400 ? `${line.slice(0, 400)}…` : line;
}
