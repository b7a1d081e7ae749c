import { identifierText } from "./identifier.ts";
import type { Reader } from "./reader.ts";

/** What is due next: a part of FROM, where `name (` is a function; or the name of a table. */
export type Due = "reference" | "name" | undefined;

/** What is known of the text between two parentheses, or of what is outside of all of them. */
export interface Frame {
  /** The statement that it is in the middle of; "" at the start of one. */
  verb: string;
  due: Due;
  /** What follows a comma. */
  list: Due;
  /** The names of its WITH clause, in lower case. */
  readonly expressions: string[];
  /** The one of them whose text follows, and so is not known in it. */
  pending: string | undefined;
  /** ON names a table: of an index, of a trigger. */
  on: boolean;
  /** The tables of a DELETE so far, which may turn out to be aliases. */
  doubtful: string[];
}

/** A word where it stands. */
export interface Here {
  readonly frame: Frame;
  /** The word at hand in lower case; the reader is behind it. */
  readonly word: string;
}

/** The way through a statement. */
export interface Walk {
  readonly sql: string;
  readonly reader: Reader;
  readonly frames: Frame[];
  readonly found: string[];
  /** How many WITH clauses around the text at hand have a name, in lower case. */
  readonly visible: Map<string, number>;
  /** The word or operator before the one at hand. */
  previous: string;
}

/** The start of a text in parentheses, or of a statement. */
export function newFrame(due?: Due): Frame {
  return { verb: "", due, list: due, expressions: [], pending: undefined, on: false, doubtful: [] };
}

/** Where the walk is. */
export function top({ frames }: Walk): Frame {
  return frames[frames.length - 1]!;
}

/** Stands for a table whose name is in double quotes: under ANSI_QUOTES it is one, else it may be a literal. */
export const HIDDEN_NAME = "?";

/** Reads the name that is due, and keeps it if it is the name of a table. */
export function readTable(walk: Walk, frame: Frame): void {
  const { reader, found } = walk;
  const parts: (string | undefined)[] = [readName(walk)];
  while (reader.text() === ".") {
    reader.advance();
    if (reader.text() !== "*") parts.push(readName(walk));
    else reader.advance();
  }
  walk.previous = "";
  const isFunction = frame.due === "reference" && reader.text() === "(";
  frame.due = undefined;
  if (isFunction || parts.includes(undefined)) return;
  if (parts.includes(HIDDEN_NAME)) {
    found.push(HIDDEN_NAME);
    return;
  }
  const first = (parts[0] ?? "").toLowerCase();
  if (parts.length === 1 && walk.visible.get(first)) return;
  (frame.verb === "delete" ? frame.doubtful : found).push(parts.join("."));
}

/** Reads a part of a name; undefined if it cannot be shown, or is none. */
export function readName({ sql, reader }: Walk): string | undefined {
  const token = reader.token();
  reader.advance();
  if (token?.kind === "string" && sql[token.start] === '"') return HIDDEN_NAME;
  if (token === undefined || (token.kind !== "word" && token.kind !== "quoted")) return undefined;
  return identifierText(sql.slice(token.start, token.end))?.slice(1, -1);
}

/** Makes a name of a WITH clause known up to the end of the text in parentheses. */
export function addExpression({ visible }: Walk, { expressions }: Frame, name: string): void {
  expressions.push(name);
  visible.set(name, (visible.get(name) ?? 0) + 1);
}

/** Forgets the names of the WITH clauses of a text that ends. */
export function forgetExpressions({ visible }: Walk, { expressions }: Frame): void {
  for (const name of expressions) visible.set(name, (visible.get(name) ?? 1) - 1);
}
