// Real servers for tests and demonstrations: a primary and a GTID replica of MariaDB or MySQL, on free loopback
// ports in a temporary folder, gone with the process that started them.

export { type Account, ACCOUNTS } from "./account.ts";
export { Client, type ClientOptions, type Row } from "./client.ts";
export { type Flavor, missingMessage, NoServerError } from "./discover.ts";
export {
  availableFlavors,
  caughtUp,
  type LabPair,
  type PairOptions,
  requireFlavors,
  startPair,
} from "./pair.ts";
export { type LabServer, ServerStartError } from "./server.ts";
export { waitFor } from "./wait_for.ts";
