import { atEnd, readerOf, skipParentheses } from "./reader.ts";
import type { ReadingOptions } from "./reading.ts";
import {
  addExpression,
  forgetExpressions,
  type Frame,
  newFrame,
  readName,
  readTable,
  top,
  type Walk,
} from "./table_walk.ts";

/** Statements about tables, which name them behind the word TABLE, TABLES or VIEW; these in a list. */
const LISTING: ReadonlySet<string> = new Set(
  ["analyze", "check", "checksum", "drop", "flush", "lock", "optimize", "rename", "repair"],
);

/** Statements of which only what is in parentheses may name tables. */
const SILENT: ReadonlySet<string> = new Set(["grant", "revoke", "show", "kill", "help", "use"]);

/** What may stand in front of a name: reserved words. */
const SKIPPED: ReadonlySet<string> = new Set(
  [
    "low_priority",
    "high_priority",
    "delayed",
    "ignore",
    "into",
    "table",
    "if",
    "not",
    "exists",
    "to",
    "as",
    "lateral",
  ],
);

/** Words after which nothing is due any more. */
const ENDS: ReadonlySet<string> = new Set(
  `set where group order having limit window values value union except intersect into qualify procedure returning
  with for`.split(/\s+/),
);

/** Words behind which another statement begins. */
const STARTS: ReadonlySet<string> = new Set(
  ["union", "except", "intersect", "all", "begin", "then", "else", "do", "loop", "repeat", ":", "as"],
);

/** UPDATE, INSERT and DELETE behind these are no statements: FOR UPDATE, ON DELETE, ON DUPLICATE KEY UPDATE. */
const NOT_BEFORE_STATEMENT: ReadonlySet<string> = new Set(["for", "key", "on", "before", "after", "or", "."]);

/** What may follow EXPLAIN other than a table. */
const EXPLAIN_OPTIONS: ReadonlySet<string> = new Set(
  `select insert replace update delete with table values ( extended partitions analyze format for into`.split(
    " ",
  ),
);

/**
 * The tables and views that a statement names: sorted, each once, as they are written but without quotes, with their
 * schema where it is written, as `schema.table`. The names of WITH clauses are left out, aliases too. Of a text that
 * is cut, or cannot be read to its end for sure, the tables before that; what is no statement may have some, too.
 */
export function tablesOf(sql: string, options?: ReadingOptions): readonly string[] {
  const walk: Walk = {
    sql,
    reader: readerOf(sql, options),
    frames: [newFrame()],
    found: [],
    visible: new Map(),
    previous: "",
  };
  while (!atEnd(walk.reader)) step(walk);
  return [...new Set([...walk.found, ...walk.frames.flatMap(({ doubtful }) => doubtful)])].sort();
}

function step(walk: Walk): void {
  const { reader } = walk;
  const frame = top(walk);
  const text = reader.text();
  const kind = reader.token()?.kind;
  // NULL is a value wherever it stands: what names it as a table is no statement.
  const name = kind === "quoted" || (kind === "word" && text !== "null");
  if (frame.due !== undefined && name && !SKIPPED.has(text) && !isStatement(text) && !ENDS.has(text)) {
    return readTable(walk, frame);
  }
  reader.advance();
  if (text === "(") walk.frames.push(newFrame(frame.due === "reference" ? "reference" : undefined));
  else if (text === ")") close(walk);
  else if (text === ",") frame.due = frame.list;
  else if (text === ";") walk.frames.splice(-1, 1, settled(walk, frame));
  else if (name && walk.previous !== ".") readWord(walk, { frame, word: text });
  if (text === "{" && reader.text() === "oj") reader.advance();
  else if (text === "(" || !(text === "," || name)) frame.due = undefined;
  walk.previous = text;
}

/** Words that begin a part of FROM which is no table. */
function isStatement(word: string): boolean {
  return word === "select" || word === "with" || word === "values" || word === "dual";
}

/** The end of a statement: what was in doubt is a table. */
function settled(walk: Walk, frame: Frame): Frame {
  for (const table of frame.doubtful) walk.found.push(table);
  forgetExpressions(walk, frame);
  return newFrame();
}

function close(walk: Walk): void {
  const { frames, reader } = walk;
  const closed = frames.length > 1 ? frames.pop() : undefined;
  if (closed !== undefined) settled(walk, closed);
  const frame = top(walk);
  if (frame.pending === undefined) return;
  addExpression(walk, frame, frame.pending);
  frame.pending = undefined;
  if (reader.text() !== ",") return;
  reader.advance();
  readExpressionName(walk, { frame, recursive: false });
}

interface Here {
  readonly frame: Frame;
  /** The word at hand in lower case; the reader is behind it. */
  readonly word: string;
}

function readWord(walk: Walk, here: Here): void {
  const { frame, word } = here;
  if (frame.due !== undefined && SKIPPED.has(word)) return;
  if (word === "with") return readWith(walk, frame);
  if (SILENT.has(frame.verb)) return readShow(walk, here);
  if (readQueryWord(walk, here)) return;
  if (ends(walk, word)) {
    frame.due = undefined;
    frame.list = undefined;
  }
  if (STARTS.has(word) && !(word === "all" && frame.verb !== "")) frame.verb = "";
  else if (frame.verb === "") readFirstWord(walk, here);
  else readDefinitionWord(walk, here);
}

/** Whether a word ends a list of tables; it goes on behind USE INDEX FOR JOIN and FOR SYSTEM_TIME. */
function ends({ reader, previous }: Walk, word: string): boolean {
  if (word === "update") return previous === "key";
  if (word === "for") return reader.text() === "update" || reader.text() === "share";
  return ENDS.has(word) && previous !== "for";
}

/** SELECT, INSERT, UPDATE, DELETE and what names tables in them, TABLE too; false for all else. */
function readQueryWord(walk: Walk, { frame, word }: Here): boolean {
  const { reader, previous } = walk;
  const starts = !NOT_BEFORE_STATEMENT.has(previous) && reader.text() !== "(";
  if (word === "select") Object.assign(frame, { verb: "select", due: undefined, list: undefined });
  else if (word === "update" && starts) {
    Object.assign(frame, { verb: "update", due: "reference", list: "reference" });
  } else if ((word === "insert" || word === "replace") && starts) {
    Object.assign(frame, { verb: "insert", due: "name", list: undefined });
  } else if (word === "delete" && starts) {
    Object.assign(frame, { verb: "delete", due: undefined, list: undefined });
  } else if (word === "from" && (frame.verb === "select" || frame.verb === "delete")) {
    const ofWindow = (reader.text() === "first" || reader.text() === "last") && previous === ")";
    if (!ofWindow) Object.assign(frame, { due: "reference", list: "reference" });
  } else if ((word === "join" || word === "straight_join") && previous !== "for") {
    if (frame.list !== undefined) frame.due = "reference";
  } else if (word === "using" && frame.verb === "delete" && reader.text() !== "(") {
    Object.assign(frame, { due: "reference", doubtful: [] });
  } else return false;
  return true;
}

/** The first word of a statement that is no query. */
function readFirstWord(walk: Walk, { frame, word }: Here): void {
  const { reader, frames } = walk;
  if (word === "table") {
    frame.due = "reference";
    return;
  }
  // In parentheses these are names.
  if (frames.length > 1) {
    if (word === "like" && walk.previous === "(" && frames.at(-2)?.verb === "create") frame.due = "name";
    else if (word === "references") frame.due = "name";
    return;
  }
  if (word === "explain" || word === "describe" || word === "desc") {
    frame.due = EXPLAIN_OPTIONS.has(reader.text()) ? undefined : "name";
    return;
  }
  frame.verb = word;
  if (word === "truncate" || word === "handler") frame.due = "name";
}

/** The words of statements about tables, indexes, triggers and views. */
function readDefinitionWord(walk: Walk, { frame, word }: Here): void {
  const { reader, previous } = walk;
  const { verb } = frame;
  const definition = verb === "create" || verb === "alter" || verb === "drop";
  if (word === "table" || word === "tables" || (word === "view" && definition && previous !== "add")) {
    frame.due = "name";
    frame.list = LISTING.has(verb) ? "name" : undefined;
  } else if ((word === "index" || word === "trigger") && (verb === "create" || verb === "drop")) {
    frame.on = true;
  } else if (word === "on" && frame.on) {
    frame.due = "name";
    frame.on = false;
  } else if (word === "references" || (word === "like" && verb === "create")) {
    frame.due = "name";
  } else if (word === "to" && verb === "rename" && frame.list !== undefined) {
    frame.due = "name";
  } else if (word === "rename" && verb === "alter") {
    const other = ["column", "index", "key"].includes(reader.text());
    if (!other) frame.due = "name";
  }
}

/** SHOW COLUMNS FROM t FROM s, SHOW INDEX FROM t, SHOW CREATE TABLE t. */
function readShow(walk: Walk, { frame, word }: Here): void {
  const { reader, previous, found } = walk;
  if (frame.verb !== "show") return;
  if (previous === "create" && (word === "table" || word === "view")) frame.due = "name";
  if (word !== "from" && word !== "in") return;
  if (frame.on) {
    const schema = readName(walk);
    const table = found.pop();
    if (table !== undefined && schema !== undefined) found.push(`${schema}.${table}`);
    frame.on = false;
  } else if (["columns", "fields", "index", "indexes", "keys"].includes(previous)) {
    frame.due = "name";
    readTable(walk, frame);
    frame.on = !(found.at(-1) ?? ".").includes(".") && reader.text() !== "";
  }
}

/** WITH [RECURSIVE] name [(column, …)] AS (…), and not WITH ROLLUP. */
function readWith(walk: Walk, frame: Frame): void {
  const { reader } = walk;
  frame.due = undefined;
  if (reader.text() === "table") return;
  const recursive = reader.text() === "recursive";
  if (recursive) reader.advance();
  readExpressionName(walk, { frame, recursive });
}

function readExpressionName(
  walk: Walk,
  { frame, recursive }: { readonly frame: Frame; readonly recursive: boolean },
): void {
  const { reader } = walk;
  const name = readName(walk)?.toLowerCase();
  if (reader.text() === "(") skipParentheses(reader);
  walk.previous = "";
  if (name === undefined || reader.text() !== "as") return;
  reader.advance();
  if (recursive) addExpression(walk, frame, name);
  frame.pending = name;
}
