import { readRebuiltMap, rebuildMap, slotsText } from "../../../shards/move/mod.ts";
import type { Task } from "./task.ts";

/** `shards rebuild-map`: what the map has to be by what the shards own; with --write, that it is. */
export const rebuild: Task = async ({ sharding, databases, options, json, terminal }) => {
  const group = { sharding, databases };
  const writes = options.has("write");
  const map = writes ? await rebuildMap(group) : await readRebuiltMap(group);
  if (json) terminal.print(JSON.stringify({ ...map, written: writes }));
  else {
    terminal.print(
      ...map.shards.map(({ shard, slots, epoch }) =>
        `${shard}: ${slots.length} slots at epoch ${epoch}${
          slots.length === 0 ? "" : `: ${slotsText(slots)}`
        }`
      ),
      map.changes.length === 0
        ? "the map says the same"
        : `the map ${writes ? "said" : "says"} something else of slots ${slotsText(map.changes)}`,
    );
  }
  if (!writes) terminal.warn("query-sniper: nothing was written: --write does it");
  return 0;
};
