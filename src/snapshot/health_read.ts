import type { Capabilities, Gap, Row } from "../database/mod.ts";
import type { DatabaseName } from "../language/mod.ts";
import type { Health } from "./snapshot.ts";

/** A read of some of a database's values: a part of the one statement that reads its health. */
export interface HealthRead {
  readonly names: readonly DatabaseName[];
  /** What the account may lack for it; then it is not asked for. */
  readonly need?: Gap["need"];
  /** Status variables, as MySQL writes them. */
  variables?(capabilities: Capabilities): readonly string[];
  /** Expressions in SQL, by column. */
  columns?(capabilities: Capabilities): Readonly<Record<string, string>>;
  /** A statement with a result of its own. */
  statement?(capabilities: Capabilities): string;
  /** `before` is what was read before. */
  values(found: Found, capabilities: Capabilities, before: Health): Health;
}

/** What a server answered. */
export interface Found {
  /** The columns that were asked for. */
  readonly row: Row;
  /** A status variable, by name; unknown where the server does not have it. */
  variable(name: string): number | { readonly unknown: string };
  /** The rows of the read's own statement. */
  readonly rows: readonly Row[];
}
