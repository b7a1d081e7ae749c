import { moveHurts } from "../../../app/move_hurts.ts";
import { systemClock } from "../../../clock.ts";
import type { MoveEnd, MoveNews } from "../../../shards/move/contract.ts";
import { readMoves, runMove } from "../../../shards/move/mod.ts";
import { stopOnSignals } from "../../stop_signal.ts";
import type { TaskOptions } from "./task.ts";

/** Runs a move to its end, and tells what it does. Returns the exit code. Throws MoveError, DatabaseError. */
export async function runToEnd(id: string, options: TaskOptions): Promise<number> {
  const { sharding, databases, json, terminal } = options;
  const group = { sharding, databases };
  const move = (await readMoves(group)).find((each) => each.id === id);
  const shards = databases.filter(({ name }) => name === move?.from || name === move?.to);
  const { pauseWhen } = sharding.move;
  await using asked = moveHurts(shards, { pauseWhen, clock: systemClock });
  const tell = (news: MoveNews) => terminal.print(json ? JSON.stringify(news) : newsText(news));
  const end = await runMove(group, id, {
    clock: systemClock,
    signal: stopOnSignals().signal,
    tell,
    hurts: () => asked.hurts(),
  });
  if (end === "stopped") {
    terminal.warn(`query-sniper: move ${id} was stopped: shards resume ${id} goes on with it`);
  }
  return CODES[end];
}

const CODES: Readonly<Record<MoveEnd, number>> = { done: 0, aborted: 1, paused: 1, stopped: 1 };

function newsText(news: MoveNews): string {
  switch (news.kind) {
    case "step":
      return `move ${news.id}: ${news.step}`;
    case "copied":
      return `move ${news.id}: ${news.rows} rows copied`;
    case "waiting":
      return `move ${news.id}: waits: ${news.reason}`;
    case "end":
      return `move ${news.id}: ${news.state}${news.reason === undefined ? "" : `: ${news.reason}`}`;
  }
}
