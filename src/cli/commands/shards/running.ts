import { systemClock } from "../../../clock.ts";
import type { MoveEnd, MoveNews } from "../../../shards/move/contract.ts";
import { Pauses } from "../../../watch/mod.ts";
import { stopOnSignals } from "../../stop_signal.ts";
import { mover } from "./mover.ts";
import type { TaskOptions } from "./task.ts";

/** Runs a move to its end, and tells what it does. Returns the exit code. Throws MoveError, DatabaseError. */
export async function runToEnd(id: string, options: TaskOptions): Promise<number> {
  const { sharding, databases, json, terminal } = options;
  const tell = (news: MoveNews) => terminal.print(json ? JSON.stringify(news) : newsText(news));
  const run = mover({ signal: stopOnSignals().signal, paused: () => pausedBy(options), tellMove: tell });
  const end = await run({ sharding, databases }, id);
  if (end === "stopped") {
    terminal.warn(`query-sniper: move ${id} was stopped: shards resume ${id} goes on with it`);
  }
  return CODES[end];
}

/** What the pause file says; undefined where there is none. */
export function pausedBy({ pause }: Pick<TaskOptions, "pause">): Promise<string | undefined> {
  return new Pauses(pause, { clock: systemClock }).reason("");
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
