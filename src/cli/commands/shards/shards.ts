import { DatabaseError } from "../../../connection/mod.ts";
import { didYouMean, quoted } from "../../../text/nearest.ts";
import { findConfigFile } from "../../config_file.ts";
import { chosenDatabases } from "../../database_choice.ts";
import type { Invocation, Run } from "../../invocation.ts";
import { UsageError } from "../../usage_error.ts";
import { shardingOf } from "../router/router.ts";
import type { Task } from "./task.ts";
import { SHARD_TASKS, type ShardTask } from "./task_name.ts";

interface TaskRow {
  /** The names of what stands behind the task. */
  readonly arguments: readonly string[];
  /** How many of them may be missing. */
  readonly optional?: number;
  /** Its options, beside the configuration and the format. */
  readonly options: readonly string[];
  /** It does not ask who was added to the group, or does so itself. */
  readonly alone?: true;
  load(): Promise<Task>;
}

const ORDER = async () => (await import("./order.ts"));

const TASKS: Readonly<Record<Exclude<ShardTask, "import">, TaskRow>> = {
  list: { arguments: [], options: [], load: async () => (await import("./check.ts")).list },
  check: { arguments: [], options: [], load: async () => (await import("./check.ts")).check },
  init: { arguments: [], options: [], load: async () => (await import("./init.ts")).init },
  move: {
    arguments: ["FROM", "TO", "SLOTS"],
    options: ["dry-run"],
    load: async () => (await import("./move.ts")).move,
  },
  moves: { arguments: [], options: [], load: async () => (await import("./moves.ts")).moves },
  pause: { arguments: ["ID"], options: [], load: async () => (await ORDER()).pause },
  resume: { arguments: ["ID"], options: [], load: async () => (await ORDER()).resume },
  abort: { arguments: ["ID"], options: [], load: async () => (await ORDER()).abort },
  verify: { arguments: [], options: [], load: async () => (await import("./verify.ts")).verify },
  "rebuild-map": {
    arguments: [],
    options: ["write"],
    load: async () => (await import("./rebuild_map.ts")).rebuild,
  },
  add: {
    arguments: ["NAME"],
    optional: 1,
    options: ["dry-run"],
    alone: true,
    load: async () => (await import("./change.ts")).add,
  },
  plan: { arguments: [], options: [], load: async () => (await import("./plan.ts")).plan },
  explain: { arguments: [], options: [], load: async () => (await import("./explain.ts")).explain },
  record: { arguments: ["FILE"], options: [], load: async () => (await import("./record.ts")).record },
  replay: {
    arguments: ["FILE"],
    options: [],
    alone: true,
    load: async () => (await import("./replay.ts")).replay,
  },
  drain: {
    arguments: ["NAME"],
    options: ["dry-run"],
    alone: true,
    load: async () => (await import("./change.ts")).drain,
  },
};

/** `query-sniper shards`. */
export const shards: Run = async (invocation, terminal) => {
  // It makes a configuration, and needs none.
  if (invocation.arguments[0] === "import") {
    return await (await import("./import.ts")).importConfig(invocation, terminal);
  }
  await findConfigFile(invocation, terminal);
  const { options } = invocation;
  const { name, rest } = taskOf(invocation);
  refuseForeign(name, invocation);
  const chosen = await chosenDatabases(invocation, terminal);
  if (chosen === undefined) return 2;
  const { config, databases } = chosen;
  const { endpoint, pause } = config;
  if (endpoint !== undefined && name === "add") {
    const { addBehind } = await import("./add_behind.ts");
    const json = options.get("format") === "json";
    const dryRun = endpoint.mode === "dry-run" || options.has("dry-run");
    return await addBehind(endpoint, { ...{ name: rest[0], pause, json, dryRun }, terminal });
  }
  const sharding = shardingOf(config, "shards");
  const task = await TASKS[name].load();
  const configured = { sharding, databases };
  const group = TASKS[name].alone === true
    ? configured
    : await (await import("./whole_group.ts")).wholeGroup(configured);
  const { MoveError } = await import("../../../shards/move/contract.ts");
  try {
    return await task({
      ...{ ...group, configured, pause: config.pause, arguments: rest, options, terminal },
      json: options.get("format") === "json",
      dryRun: sharding.mode === "dry-run" || options.has("dry-run"),
    });
  } catch (error) {
    if (error instanceof DatabaseError) terminal.warn(`query-sniper: ${error.withAdvice}`);
    else if (error instanceof MoveError) {
      terminal.warn(`query-sniper: ${error.message}${error.advice === undefined ? "" : `: ${error.advice}`}`);
    } else throw error;
    return 1;
  }
};

function taskOf(
  { arguments: [name, ...rest] }: Invocation,
): { readonly name: keyof typeof TASKS; readonly rest: readonly string[] } {
  const expected = `shards is told: ${SHARD_TASKS.join(", ")}`;
  const known = SHARD_TASKS.find((each) => each === name);
  if (known === undefined || known === "import") {
    const found = name === undefined ? "" : `: ${quoted(name)}${didYouMean(name, SHARD_TASKS, '"')}`;
    throw new UsageError(`${expected}${found}`, "shards");
  }
  const { arguments: wanted, optional = 0 } = TASKS[known];
  if (rest.length < wanted.length - optional) {
    throw new UsageError(
      `shards ${known} is told ${wanted.join(" ")}: ${wanted[rest.length]} is missing`,
      "shards",
    );
  }
  const more = rest[wanted.length];
  if (more !== undefined) {
    throw new UsageError(`shards ${known} takes nothing more: ${quoted(more)}`, "shards");
  }
  return { name: known, rest };
}

/** An option of another task is refused: a move without its --dry-run would be one. */
function refuseForeign(name: keyof typeof TASKS, { options }: Invocation): void {
  for (const option of options.keys()) {
    if (!["config", "format", ...TASKS[name].options].includes(option)) {
      throw new UsageError(`shards ${name} has no option --${option}`, "shards");
    }
  }
}
