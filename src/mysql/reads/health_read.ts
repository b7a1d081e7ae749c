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

/** A read of some of a database's values: a part of the one statement that reads its health. */
export interface HealthRead {
  readonly names: readonly DatabaseName[];
  /** What the account may lack for it; then it is not asked for. */
  readonly need?: PrivilegeGap["need"];
  /** Status variables, as MySQL writes them. */
  variables?(capabilities: Capabilities): readonly string[];
  /** Expressions in SQL, by column. */
  columns?(capabilities: Capabilities): Readonly<Record<string, string>>;
  /** A statement with a result of its own. */
  statement?(capabilities: Capabilities): OwnStatement | undefined;
  /** @throws {DatabaseError} Where it asks for more. */
  values(found: ReadResult, context: HealthContext): HealthPart | Promise<HealthPart>;
}

/** A statement whose rows go with the columns of the others. */
export interface OwnStatement {
  readonly sql: string;
  /** A SELECT without ORDER BY and LIMIT, whose columns have names of their own. */
  readonly joinable: boolean;
}

/** What a server answered. */
export interface ReadResult {
  /** The columns that were asked for. */
  readonly row: Row;
  /** A status variable, by name; empty where the server does not have it. */
  text(name: string): string;
  /** The same, as a number. */
  variable(name: string): number | { readonly unknown: string };
  /** The rows of the read's own statement. */
  readonly rows: readonly Row[];
}

/** What a read may use beside what was found. */
export interface HealthContext {
  readonly connection: Connection;
  readonly capabilities: Capabilities;
  /** What was read before. */
  readonly before: Health;
  readonly replication: ReplicationInput;
}

/** What a read yields. */
export interface HealthPart {
  readonly health?: Health;
  /** What the lags were measured by. */
  readonly methods?: LagMethods;
  /** What was heard on the channels; for the next look. */
  readonly links?: Links;
  /** Whom its channels follow, as `host:port`. */
  readonly sources?: readonly string[];
  /** Where the server's own stream has come to. */
  readonly positions?: readonly Position[];
  /** The query id of the reading itself; absent where sessions are not known by theirs. */
  readonly queryId?: number;
  /** What it is behind those that it follows, for those that follow it; absent where that is not known. */
  readonly behind?: SourceLag;
}
