// Slots move among shards while they are written, read and summed up through two routers. The mover, the coordinator, the
// routers and, with --servers, the servers are killed: at each step of a move in turn, and at random times. Ends with an
// error, and the seed that repeats it, where a row is lost, doubled or stale; else with a table of what was killed at
// which step.
//
//   deno run -A tests/chaos/shard_moves.ts [MOVES] [SEED] [mariadb,mysql,…] [--servers]

import { quantile } from "../bench/figure.ts";
import type { Flavor } from "../lab/mod.ts";
import type { Victim } from "../shards/ledger/kills.ts";
import { moveLedger } from "../shards/move_ledger.ts";

const [moves = "20", seed = String(1 + Math.floor(Math.random() * 1e6)), flavors = "mariadb,mysql,mariadb"] =
  Deno.args
    .filter((arg) => !arg.startsWith("--"));
const killsServers = Deno.args.includes("--servers");
const victims: readonly Victim[] = [
  "mover",
  "coordinator",
  "router",
  ...killsServers ? ["server" as const] : [],
];
const again = `deno run -A tests/chaos/shard_moves.ts ${moves} ${seed} ${flavors}${
  killsServers ? " --servers" : ""
}`;

// deno-lint-ignore no-console -- what it is made for
const say = (line: string) => console.log(line);
try {
  const { kills: _kills, frozen, ...figures } = await moveLedger({
    flavors: flavors.split(",") as Flavor[],
    moves: Number(moves),
    seed: Number(seed),
    victims,
    say,
  });
  const [p50, p95, most] = [quantile(frozen, 0.5), quantile(frozen, 0.95), Math.max(...frozen)];
  say(JSON.stringify({ ...figures, frozen_ms: { p50, p95, most }, bad: 0, again }));
} catch (error) {
  say(`failed; this repeats it: ${again}`);
  throw error;
}
