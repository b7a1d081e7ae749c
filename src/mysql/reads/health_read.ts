import type { Capabilities } from "../capabilities.ts";
import type { PrivilegeGap } from "../need.ts";
import type { Connection, Row } from "../../connection/mod.ts";
import type { DatabaseName } from "../vocabulary/vocabulary.ts";
import type { Links } from "../replication/link.ts";
import type { LagMethods } from "../replication/lag.ts";
import type { Position } from "../replication/position.ts";
import type { SourceLag } from "../replication/ring.ts";
import type { ReplicationInput } from "../replication/replication_input.ts";
import type { Health } from "../../policy/mod.ts";

/** Reads some of a database's values, as a part of the statement that reads its health. */
export interface HealthRead {
  readonly names: readonly DatabaseName[];
  /** What it needs. If the account lacks that, it is not read. */
  readonly need?: PrivilegeGap["need"];
  /** The status variables to read, as MySQL spells them. */
  variables?(capabilities: Capabilities): readonly string[];
  /** SQL expressions to read, by column. */
  columns?(capabilities: Capabilities): Readonly<Record<string, string>>;
  /** A statement with its own result. */
  statement?(capabilities: Capabilities): OwnStatement | undefined;
  /** @throws {DatabaseError} If it reads more from the server. */
  values(found: ReadResult, context: HealthContext): HealthPart | Promise<HealthPart>;
}

/** A statement whose rows may be joined to the columns of other reads. */
export interface OwnStatement {
  readonly sql: string;
  /** Whether it can be joined: a SELECT without ORDER BY and LIMIT, with unique column names. */
  readonly joinable: boolean;
}

/** The answer of a server. */
export interface ReadResult {
  /** The columns that were asked for. */
  readonly row: Row;
  /** A status variable by name; empty if the server does not have it. */
  text(name: string): string;
  /** A status variable as a number. */
  variable(name: string): number | { readonly unknown: string };
  /** The rows of the read's own statement. */
  readonly rows: readonly Row[];
}

/** What a read may use besides the answer. */
export interface HealthContext {
  readonly connection: Connection;
  readonly capabilities: Capabilities;
  /** The values of earlier reads. */
  readonly before: Health;
  readonly replication: ReplicationInput;
}

/** The result of a read. */
export interface HealthPart {
  readonly health?: Health;
  /** The method by which each lag was measured. */
  readonly methods?: LagMethods;
  /** The state of the links, for the next look. */
  readonly links?: Links;
  /** The sources of its channels, as `host:port`. */
  readonly sources?: readonly string[];
  /** The positions of the server's own stream. */
  readonly positions?: readonly Position[];
  /** The query id of this read; absent if sessions are not identified by query ids. */
  readonly queryId?: number;
  /** Its own lag, for databases that replicate from it; absent if unknown. */
  readonly behind?: SourceLag;
}
