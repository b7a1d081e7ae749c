import { MoveError, orderMove, readMoves } from "../../../shards/move/mod.ts";
import { runToEnd } from "./running.ts";
import type { Task, TaskOptions } from "./task.ts";

/** `shards pause ID`: the process that runs it lets it rest. */
export const pause: Task = async ({ arguments: [id = ""], sharding, databases, terminal }) => {
  await orderMove({ sharding, databases }, id, "pause");
  terminal.print(`move ${id} is paused: shards resume ${id} goes on with it`);
  return 0;
};

/** `shards resume ID`: goes on with it here, unless another process does. */
export const resume: Task = async (options) => {
  const { arguments: [id = ""], sharding, databases } = options;
  await orderMove({ sharding, databases }, id, "resume");
  return await runHere(id, options);
};

/** `shards abort ID`: undoes it here, unless another process does. */
export const abort: Task = async (options) => {
  const { arguments: [id = ""], sharding, databases } = options;
  await orderMove({ sharding, databases }, id, "abort");
  const code = await runHere(id, options);
  const state = (await readMoves({ sharding, databases })).find((move) => move.id === id)?.state;
  return state === "aborted" ? 0 : code;
};

async function runHere(id: string, options: TaskOptions): Promise<number> {
  try {
    return await runToEnd(id, options);
  } catch (error) {
    if (!(error instanceof MoveError) || error.code !== "elsewhere") throw error;
    options.terminal.print(`move ${id}: another process runs it, and does as it is ordered`);
    return 0;
  }
}
