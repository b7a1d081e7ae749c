// Slots move among shards while they are read and written by two routers; the mover is killed at the boundaries of its steps
// and at random, and so are the servers. Ends with an error, and the seed that repeats it, where a row is lost, doubled
// or stale.
//
//   deno run -A tests/chaos/shard_moves.ts [MOVES] [SEED] [mariadb,mysql,…] [--servers]

import type { Flavor } from "../lab/mod.ts";
import { moveLedger } from "../shards/move_ledger.ts";

const [moves = "20", seed = String(1 + Math.floor(Math.random() * 1e6)), flavors = "mariadb,mysql,mariadb"] =
  Deno.args
    .filter((arg) => !arg.startsWith("--"));
const killsServers = Deno.args.includes("--servers");
const again = `deno run -A tests/chaos/shard_moves.ts ${moves} ${seed} ${flavors}${
  killsServers ? " --servers" : ""
}`;
try {
  const figures = await moveLedger({
    flavors: flavors.split(",") as Flavor[],
    moves: Number(moves),
    seed: Number(seed),
    killsServers,
    // deno-lint-ignore no-console -- what it is made for
    say: (line) => console.log(line),
  });
  // deno-lint-ignore no-console -- what it is made for
  console.log(JSON.stringify({ ...figures, bad: 0, again }));
} catch (error) {
  // deno-lint-ignore no-console -- what it is made for
  console.log(`failed; this repeats it: ${again}`);
  throw error;
}
