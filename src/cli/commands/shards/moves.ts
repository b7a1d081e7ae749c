import { readMoves, slotsText } from "../../../shards/move/mod.ts";
import { columns } from "../../columns.ts";
import type { Task } from "./task.ts";

/** `shards moves`: all that were and are, the first one first. */
export const moves: Task = async ({ sharding, databases, json, terminal }) => {
  const all = await readMoves({ sharding, databases });
  if (json) terminal.print(...all.map((move) => JSON.stringify(move)));
  else if (all.length === 0) terminal.print("no slots were moved yet");
  else {
    terminal.print(...columns([
      ["MOVE", "STATE", "STEP", "FROM", "TO", "SLOTS", "ROWS", "BEGAN", "CAUSE"],
      ...all.map(({ id, state, step, from, to, slots, rows_copied, began, cause, reason }) => [
        ...[id, state, step, from, to, slotsShort(slots), String(rows_copied), began],
        `${cause}${reason === undefined ? "" : `: ${reason}`}`,
      ]),
    ]));
  }
  return 0;
};

function slotsShort(slots: readonly number[]): string {
  const text = slotsText(slots);
  return text.length > 20 ? `${slots.length} slots` : text;
}
