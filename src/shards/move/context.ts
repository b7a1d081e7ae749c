import type { ShardingConfig } from "../../config/mod.ts";
import type { MoveRun } from "./contract.ts";
import type { JournalMove } from "./journal.ts";
import type { Session } from "./session.ts";
import type { MovedTable } from "./table.ts";

/** What a step of a move works with, while its sessions last. */
export interface MoveContext {
  readonly sharding: ShardingConfig;
  readonly run: MoveRun;
  readonly metadata: Session;
  readonly source: Session;
  readonly destination: Session;
  /** Another session with the source, to end a statement of the first one. */
  readonly aside: Session;
  readonly tables: readonly MovedTable[];
  /** The move as it was last read. */
  move: JournalMove;
  /** The slots, as a list of SQL. */
  readonly slots: string;
  /** By table: keys of rows that changed since they were verified; absent: they were not verified yet. */
  touched: Map<string, Map<string, readonly string[]>> | undefined;
  /** By table: keys of some rows from all over it, by which it is noticed that it was emptied: no trigger tells that. */
  samples: Map<string, (readonly string[])[]>;
}

/** The move is to be undone. */
export class GiveUpError extends Error {
  override readonly name = "GiveUpError";
}

/** The state of the move is another one than it was: somebody ordered something, or the run has to end. */
export class OrderError extends Error {
  override readonly name = "OrderError";
}
