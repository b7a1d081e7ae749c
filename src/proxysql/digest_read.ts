import type { Row } from "../connection/mod.ts";
import type { Admin } from "./admin.ts";
import { AdminError } from "./admin_error.ts";
import type { Counted } from "./digest_store.ts";
import { type DumpText, dumpText } from "./dump_text.ts";
import { DIGEST_COLUMNS, type DigestColumn, STATEMENTS } from "./statement.ts";
import { integerOf, numberOf, textOf } from "./value.ts";

/** Columns that old versions do not have. */
const LATER: readonly string[] = ["client_address", "sum_rows_affected", "sum_rows_sent"];

/** The longest text of a digest, in bytes, where the variable cannot be read. */
const USUAL_LENGTH = 2048;

/** So many texts are remembered: many users run one statement. */
const REMEMBERED = 1000;

export interface ReadOptions {
  /** The keys of the tags that are kept. */
  readonly keep: readonly string[];
  readonly add: (counted: Counted) => void;
}

/** Reads all digests once, row by row. @throws {AdminError} */
export async function readDigests(admin: Admin, { keep, add }: ReadOptions): Promise<void> {
  const [row] = await admin.rows(STATEMENTS.variable("mysql-query_digests_max_digest_length"));
  const longest = numberOf(row?.["value"]) ?? USUAL_LENGTH;
  const texts = new Map<string, DumpText>();
  const cleaned = (text: string): DumpText => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    if (texts.size >= REMEMBERED) texts.clear();
    // What is cut bears no mark; its bytes are at least its characters.
    const isCut = new TextEncoder().encode(text).length >= longest - 1;
    const found = dumpText(text, { keep, isCut });
    texts.set(text, found);
    return found;
  };
  for (let columns: readonly DigestColumn[] = DIGEST_COLUMNS;;) {
    try {
      return await admin.each(STATEMENTS.digests(columns), (row) => add(countedOf(row, cleaned)));
    } catch (error) {
      const missing = missingColumn(error);
      if (missing === undefined || !columns.some((column) => column === missing)) throw error;
      columns = columns.filter((column) => column !== missing);
    }
  }
}

/** The column that this version does not have, if that is what the error says. */
function missingColumn(error: unknown): string | undefined {
  if (!(error instanceof AdminError) || error.kind !== "unknown") return undefined;
  const [, name] = /no such column: (\w+)/.exec(error.message) ?? [];
  return name !== undefined && LATER.includes(name) ? name : undefined;
}

function countedOf(row: Row, cleaned: (text: string) => DumpText): Counted {
  const integer = (name: DigestColumn): bigint => {
    const value = integerOf(row[name]);
    if (value === undefined) throw new AdminError("statement", `ProxySQL gave no number for ${name}`);
    return value;
  };
  return {
    ...cleaned(textOf(row["digest_text"])),
    hostgroup: integer("hostgroup"),
    schema: textOf(row["schemaname"]),
    username: textOf(row["username"]),
    client_address: textOf(row["client_address"]),
    digest: textOf(row["digest"]),
    count: integer("count_star"),
    first_seen: integer("first_seen"),
    last_seen: integer("last_seen"),
    time: integer("sum_time"),
    min_time: integer("min_time"),
    max_time: integer("max_time"),
    rows_affected: integerOf(row["sum_rows_affected"]) ?? null,
    rows_sent: integerOf(row["sum_rows_sent"]) ?? null,
  };
}
