import { atEnd, readerOf, skipParentheses } from "./reader.ts";
import type { ReadingOptions } from "./reading.ts";
import { readDefinitionWord, readShow } from "./table_definition.ts";
import {
  addExpression,
  type Due,
  forgetExpressions,
  type Frame,
  type Here,
  newFrame,
  readName,
  readTable,
  top,
  type Walk,
} from "./table_walk.ts";

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

/** Words behind which another query begins. */
const SET_OPERATIONS: ReadonlySet<string> = new Set(["union", "except", "intersect"]);

/** Words behind which another statement begins; but in a query they are parts of expressions, aliases or columns. */
const STARTS: ReadonlySet<string> = new Set(["begin", "then", "else", "do", "loop", "repeat", ":", "as"]);

/** Statements that end with a ";", or with the query in them. */
const QUERIES: ReadonlySet<string> = new Set(["select", "insert", "update", "delete"]);

/** Words that go on with what comes behind the name of a table in FROM: these are never the alias of one. */
const AFTER_REFERENCE: ReadonlySet<string> = new Set(
  `as on using join inner left right cross natural straight_join outer full use force ignore partition
  tablesample read write select`.split(/\s+/),
);

/** Functions of MariaDB whose parameter is a sequence. */
const SEQUENCE_FUNCTIONS: ReadonlySet<string> = new Set(["nextval", "lastval", "setval"]);

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
  if (frame.due !== undefined && isDue(walk, text, name)) {
    const { due } = frame;
    readTable(walk, frame);
    if (due === "reference" && frame.list === "reference") skipAlias(walk);
    return;
  }
  reader.advance();
  if (text === "(") walk.frames.push(newFrame(dueInside(walk, frame)));
  else if (text === ")") return close(walk);
  else if (text === ",") frame.due = frame.list;
  else if (text === ";") walk.frames.splice(-1, 1, settled(walk, frame));
  else if (name && walk.previous !== ".") readWord(walk, { frame, word: text });
  if (text === "{" && reader.text() === "oj") reader.advance();
  else if (text === "(" || !(text === "," || name)) frame.due = undefined;
  walk.previous = text;
}

/** Whether the name of a table begins here, where one is due; in double quotes it is one under ANSI_QUOTES. */
function isDue({ sql, reader }: Walk, text: string, name: boolean): boolean {
  const token = reader.token();
  if (token?.kind === "string") return sql[token.start] === '"';
  return name && !SKIPPED.has(text) && !isStatement(text) && !ENDS.has(text);
}

/** What is due behind "(": more of FROM, or the sequence that a function reads. */
function dueInside({ previous }: Walk, { due }: Frame): Due {
  if (SEQUENCE_FUNCTIONS.has(previous)) return "name";
  return due === "reference" ? "reference" : undefined;
}

/** Goes behind the alias of a table, which may be a word that means something elsewhere. */
function skipAlias(walk: Walk): void {
  const { reader } = walk;
  if (reader.text() === "as") {
    reader.advance();
    // AS OF TIMESTAMP is no alias.
    if (reader.text() === "of") return;
  } else {
    const kind = reader.token()?.kind;
    const text = reader.text();
    const isAlias = kind === "quoted" || (kind === "word" && (text === "value" ||
      !(ENDS.has(text) || AFTER_REFERENCE.has(text) || STARTS.has(text) || text === "update")));
    if (!isAlias) return;
  }
  if (atEnd(reader) || reader.text() === "(" || reader.text() === ")") return;
  reader.advance();
  walk.previous = "";
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
  frame.due = undefined;
  walk.previous = ")";
  if (frame.pending === undefined) {
    if (frame.list === "reference") skipAlias(walk);
    return;
  }
  addExpression(walk, frame, frame.pending);
  frame.pending = undefined;
  if (reader.text() !== ",") return;
  reader.advance();
  readExpressionName(walk, { frame, recursive: false });
}

function readWord(walk: Walk, here: Here): void {
  const { frame, word } = here;
  if (frame.due !== undefined && SKIPPED.has(word)) return;
  if (word === "with") return readWith(walk, frame);
  if (isSequence(walk, word)) {
    frame.due = "name";
    return;
  }
  if (SILENT.has(frame.verb)) return readShow(walk, here);
  if (readQueryWord(walk, here)) return;
  if (ends(walk, word)) {
    frame.due = undefined;
    frame.list = undefined;
  }
  if (SET_OPERATIONS.has(word)) frame.verb = "";
  else if (STARTS.has(word) && !QUERIES.has(frame.verb)) frame.verb = "";
  else if (frame.verb === "" && word === "all") return;
  else if (frame.verb === "") readFirstWord(walk, here);
  else if (frame.verb !== "select") readDefinitionWord(walk, here);
}

/** NEXT VALUE FOR s, PREVIOUS VALUE FOR s (MariaDB); not an alias in front of FOR UPDATE. */
function isSequence({ reader, previous }: Walk, word: string): boolean {
  return word === "for" && previous === "value" && reader.text() !== "update" && reader.text() !== "share";
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
  // INSERT and REPLACE are functions, too.
  const starts = !NOT_BEFORE_STATEMENT.has(previous) && (reader.text() !== "(" || word === "update");
  if (word === "select") Object.assign(frame, { verb: "select", due: undefined, list: undefined });
  else if (word === "update" && starts && reader.text() !== "histogram") {
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
