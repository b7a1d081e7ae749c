import type { Capabilities, Connection } from "../database/mod.ts";
import type { DatabaseName } from "../language/mod.ts";
import type { Health } from "./snapshot.ts";

/** A read of some of a database's values: one round trip. */
export interface HealthRead {
  readonly names: readonly DatabaseName[];
  /** `health` is what was read before. */
  read(connection: Connection, capabilities: Capabilities, health: Health): Promise<Health>;
}
