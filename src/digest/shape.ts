import type { ReadingOptions } from "./reading.ts";
import { tablesOf } from "./tables.ts";
import { verbOf } from "./verb.ts";

/**
 * What a statement does, and to which tables: its verb and its tables, such as `select orders, users`. It is
 * coarser than the digest. Undefined where the verb is not known.
 */
export function shapeOf(sql: string, options?: ReadingOptions): string | undefined {
  const verb = verbOf(sql, options);
  if (verb === undefined) return undefined;
  const tables = tablesOf(sql, options);
  return tables.length === 0 ? verb : `${verb} ${tables.join(", ")}`;
}
