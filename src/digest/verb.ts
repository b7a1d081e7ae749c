import { atEnd, type Reader, readerOf, skipParentheses, skipTo } from "./reader.ts";
import { type ReadingOptions, readTokens } from "./reading.ts";

/**
 * What statements do. `dump` is a SELECT of a backup program; `other` is what is in none of these, such as
 * an empty text; DESC is `describe`; `begin` is a block, since BEGIN by itself is START TRANSACTION; SET autocommit is
 * `commit`, since that is what it may do. These are the values that the policy language knows for `verb`.
 */
export const VERBS = [
  "select",
  "insert",
  "update",
  "delete",
  "replace",
  "load",
  "call",
  "do",
  "set",
  "show",
  "use",
  "explain",
  "describe",
  "table",
  "values",
  "alter",
  "create",
  "drop",
  "rename",
  "truncate",
  "optimize",
  "repair",
  "analyze",
  "check",
  "checksum",
  "cache",
  "lock",
  "unlock",
  "flush",
  "backup",
  "import",
  "handler",
  "help",
  "kill",
  "begin",
  "start",
  "commit",
  "rollback",
  "savepoint",
  "release",
  "xa",
  "prepare",
  "execute",
  "deallocate",
  "grant",
  "revoke",
  "change",
  "reset",
  "purge",
  "stop",
  "install",
  "uninstall",
  "shutdown",
  "restart",
  "clone",
  "binlog",
  "signal",
  "resignal",
  "get",
  "dump",
  "other",
] as const;

/** One of {@linkcode VERBS}. */
export type Verb = typeof VERBS[number];

const KNOWN: ReadonlyMap<string, Verb> = new Map([
  ...VERBS.filter((verb) => verb !== "dump" && verb !== "other").map((verb) => [verb, verb] as const),
  ["desc", "describe"],
]);

/** What EXPLAIN, DESCRIBE and MariaDB's ANALYZE run or explain; else a table's name follows. */
const EXPLAINED: ReadonlySet<string> = new Set(
  ["select", "insert", "update", "delete", "replace", "with", "table", "values", "("],
);

/** The first words of ANALYZE TABLE, the statement, after ANALYZE. */
const ANALYZE_TABLE: ReadonlySet<string> = new Set(["table", "tables", "local", "no_write_to_binlog"]);

/** Of a statement behind a prefix: its verb is yet to be read. */
type Prefixed = Verb | "behind";

/**
 * What a statement does: its first word behind comments, parentheses, WITH clauses, labels, the prefixes EXPLAIN,
 * DESCRIBE, ANALYZE and SET STATEMENT … FOR. The contents of version comments are code. Undefined if that word is in
 * the part that was cut, or not to be read for sure; `other` for an empty text and what is no statement.
 */
export function verbOf(sql: string, options?: ReadingOptions): Verb | undefined {
  const reader = readerOf(sql, options);
  while (!atEnd(reader)) {
    const verb = readVerb(reader);
    if (verb === "select") return selectVerb(reader, { sql, options });
    if (verb !== "behind") return verb;
  }
  return reader.token() !== undefined || options?.cut ? undefined : "other";
}

/** Reads up to the next word that may be the verb. */
function readVerb(reader: Reader): Prefixed {
  const text = reader.text();
  reader.advance();
  switch (text) {
    case "(":
    case ";":
    case ":":
      return "behind";
    case "with":
      return skipWith(reader);
    case "explain":
    case "describe":
    case "desc":
      return skipExplain(reader, KNOWN.get(text) ?? "other");
    case "analyze":
      return ANALYZE_TABLE.has(reader.text()) ? "analyze" : skipExplain(reader, "analyze");
    case "set":
      return reader.text() === "statement" ? skipSetStatement(reader) : setVerb(reader);
    case "begin":
      return isBlock(reader) ? "begin" : "start";
    default:
      return KNOWN.get(text) ?? (reader.text() === ":" ? "behind" : "other");
  }
}

/** WITH [RECURSIVE] name [(column, …)] AS (…) [CYCLE column, … RESTRICT], … */
function skipWith(reader: Reader): Prefixed {
  if (reader.text() === "recursive") reader.advance();
  do {
    if (reader.text() === ",") reader.advance();
    reader.advance();
    if (reader.text() === "(") skipParentheses(reader);
    if (reader.text() !== "as") return atEnd(reader) ? "behind" : "other";
    reader.advance();
    skipParentheses(reader);
    if (reader.text() === "cycle") skipTo(reader, "restrict");
  } while (reader.text() === ",");
  return "behind";
}

/** EXPLAIN [EXTENDED | PARTITIONS | ANALYZE] [FORMAT = name] [INTO @v] [FOR SCHEMA name] statement. */
function skipExplain(reader: Reader, own: Verb): Prefixed {
  for (;;) {
    if (atEnd(reader) || EXPLAINED.has(reader.text())) return "behind";
    const option = reader.text();
    reader.advance();
    if (option === "format" && reader.text() === "=") reader.advance();
    else if (option === "for" && reader.text() !== "schema" && reader.text() !== "database") return own;
    else if (option === "extended" || option === "partitions" || option === "analyze") continue;
    else if (option !== "into" && option !== "for") return own;
    else if (option === "for") reader.advance();
    reader.advance();
  }
}

/** BEGIN [WORK] has nothing behind it, but for the next statement. */
function isBlock(reader: Reader): boolean {
  if (reader.text() === "work") reader.advance();
  return reader.token() !== undefined && reader.text() !== ";";
}

/** SET [SESSION | LOCAL | @@[SESSION.]] name = value, … */
function setVerb(reader: Reader): Verb {
  while (!atEnd(reader) && reader.text() !== ";") {
    while (reader.token()?.kind === "system" || SCOPES.has(reader.text())) reader.advance();
    if (reader.text() === "autocommit") return "commit";
    skipTo(reader, ",");
  }
  return "set";
}

const SCOPES: ReadonlySet<string> = new Set(["session", "local", "."]);

/** MariaDB: SET STATEMENT name = value, … FOR statement; a variable may have the name `statement`, too. */
function skipSetStatement(reader: Reader): Prefixed {
  reader.advance();
  if (reader.text() === "=" || reader.text() === ":=") return "set";
  skipTo(reader, "for");
  return "behind";
}

/** A SELECT, or a dump: the reader is behind the word. */
function selectVerb(
  reader: Reader,
  statement: { readonly sql: string; readonly options: ReadingOptions | undefined },
): Verb | undefined {
  const { sql, options } = statement;
  const rest = sql.slice(reader.end(), reader.end() + DUMP_SIGN.length + 8);
  if (/^\s*\/\*!40001 SQL_NO_CACHE \*\//i.test(rest)) return "dump";
  if (options?.cut && reader.end() + rest.length === sql.length && DUMP_SIGN.startsWith(rest)) {
    return undefined;
  }
  const remark = sql.lastIndexOf(SHELL_SIGN);
  if (remark < 0) return "select";
  for (const token of readTokens(sql, options)) {
    if (token.start === remark && token.kind === "comment") return "dump";
  }
  return "select";
}

/**
 * How mysqldump, mariadb-dump and mydumper begin to read a table (mariadb-dump 10.11.19: general log). Tools that
 * copy tables in chunks, as pt-online-schema-change, begin so too.
 */
const DUMP_SIGN = " /*!40001 SQL_NO_CACHE */ ";

/** MySQL Shell names itself in a remark behind the statements of its dump utilities (dumper.cc of MySQL Shell). */
export const SHELL_SIGN = "/* mysqlsh dump";
