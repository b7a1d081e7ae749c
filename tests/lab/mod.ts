// Real servers for tests and demonstrations: a primary and a GTID replica of MariaDB or MySQL, also a chain of three, a group of three
// MySQL servers, a Galera cluster of two MariaDB nodes; on free loopback ports in a temporary folder, gone with
// the process that started them.

export { type Account, ACCOUNTS } from "./account.ts";
export { startChain } from "./chain.ts";
export type { LabCluster } from "./cluster.ts";
export { Client, type ClientOptions, type Row } from "./client.ts";
export { type Flavor, missingMessage, NoServerError } from "./discover.ts";
export { startGalera } from "./galera.ts";
export { startGroup } from "./group.ts";
export {
  availableFlavors,
  caughtUp,
  type LabPair,
  type PairOptions,
  requireFlavors,
  startPair,
} from "./pair.ts";
export { carrying, databaseBehind, limited, type Link, startLink, wordsOf } from "./link.ts";
export { provide } from "./provide.ts";
export { startShards } from "./shards.ts";
export { spiderFolder } from "./spider.ts";
export { type LabServer, ServerStartError } from "./server.ts";
export { waitFor } from "./wait_for.ts";
