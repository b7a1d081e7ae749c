import type { ShardingConfig, WatchedDatabase } from "../../../config/mod.ts";
import type { Group } from "../../../shards/members/member.ts";
import type { Terminal } from "../../invocation.ts";

/** What a task is given. */
export interface TaskOptions {
  readonly sharding: ShardingConfig;
  readonly databases: readonly WatchedDatabase[];
  /** The group without the servers that were added to it. */
  readonly configured: Group;
  /** The pause file. */
  readonly pause: string;
  /** Behind the name of the task. */
  readonly arguments: readonly string[];
  /** Results are JSON Lines. */
  readonly json: boolean;
  /** Nothing is written, whatever the configuration says. */
  readonly dryRun: boolean;
  readonly options: ReadonlyMap<string, string>;
  readonly terminal: Terminal;
}

/**
 * Does something with a group of shards. Returns the exit code.
 * @throws {DatabaseError}
 * @throws {MoveError}
 * @throws {UsageError}
 */
export type Task = (options: TaskOptions) => Promise<number>;
