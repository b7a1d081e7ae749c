import { type Change, findChange, markOf } from "../../../shards/coordinator/mod.ts";
import type { Group } from "../../../shards/members/member.ts";
import { MoveError, type MoveStatus, orderMove, readMoves } from "../../../shards/move/mod.ts";
import { isId } from "../../../shards/move/journal.ts";
import { withMetadata } from "../../../shards/move/group.ts";
import { cancel } from "./change.ts";
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

/**
 * `shards abort ID`: undoes a move here, unless another process does, or cancels a change of which no move is under way. ID
 * is the number of what is under way; `move-ID` and `change-ID` say which.
 */
export const abort: Task = async (options) => {
  const { arguments: [text = ""], sharding, databases } = options;
  const [, said, number] = /^(move|change)-(.*)$/s.exec(text) ?? [];
  const id = number ?? text;
  // A dry run is refused before anybody is asked.
  const kind = said ?? (sharding.mode === "dry-run" ? "move" : await kindNow(id, { sharding, databases }));
  return await (kind === "change" ? cancel(id, options) : abortMove(id, options));
};

async function kindNow(id: string, group: Group): Promise<"move" | "change"> {
  const change = isId(id) ? await withMetadata(group, (metadata) => findChange(metadata, id)) : undefined;
  return kindOf(id, await readMoves(group), change);
}

/**
 * What a number is of: moves and changes are counted each by themselves. What is under way comes first.
 * @throws {MoveError} Both are.
 */
export function kindOf(
  id: string,
  moves: readonly MoveStatus[],
  change: Change | undefined,
): "move" | "change" {
  if (change === undefined) return "move";
  const move = moves.find((each) => each.id === id);
  const isUnderWay = ({ state }: MoveStatus) => state !== "done" && state !== "aborted";
  const isMoving = move !== undefined && isUnderWay(move);
  const changeMoves = moves.some((each) => isUnderWay(each) && each.cause.startsWith(markOf(id)));
  const isWaiting = change.outcome === undefined && !changeMoves;
  if (isMoving && isWaiting) {
    throw new MoveError(
      `both a move and a change with the number ${id} are under way`,
      `say which: shards abort move-${id}, or shards abort change-${id}`,
    );
  }
  const isCancelled = change.outcome === "cancelled" && !isMoving;
  return isWaiting || isCancelled || move === undefined ? "change" : "move";
}

async function abortMove(id: string, options: TaskOptions): Promise<number> {
  const { sharding, databases } = options;
  await orderMove({ sharding, databases }, id, "abort");
  const code = await runHere(id, options);
  const state = (await readMoves({ sharding, databases })).find((move) => move.id === id)?.state;
  return state === "aborted" ? 0 : code;
}

async function runHere(id: string, options: TaskOptions): Promise<number> {
  try {
    return await runToEnd(id, options);
  } catch (error) {
    if (!(error instanceof MoveError) || error.code !== "elsewhere") throw error;
    options.terminal.print(`move ${id}: another process runs it, and does as it is ordered`);
    return 0;
  }
}
