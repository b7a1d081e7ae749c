import { isIntroducer } from "./charset.ts";
import { hintText } from "./hint.ts";
import { identifierText } from "./identifier.ts";
import {
  isBeforeOperand,
  isWord,
  type Item,
  pushClose,
  pushEllipsis,
  pushRowList,
  pushValue,
} from "./item.ts";
import { keyword } from "./keyword.ts";
import { wordEnd } from "./number.ts";
import type { Token } from "./token.ts";

/** One token where it stands. */
export interface Place {
  readonly sql: string;
  readonly token: Token;
  /** The tokens around it, without comments. */
  readonly previous: Token | undefined;
  readonly next: Token | undefined;
}

/** Appends what a digest shows of a token to the pieces before it. */
export function pushToken(items: Item[], place: Place): void {
  switch (place.token.kind) {
    case "word":
      return pushUnquoted(items, place);
    case "quoted":
      return pushName(items, place);
    case "string":
    case "parameter":
    case "unknown":
      return pushValue(items);
    case "number":
      return pushValue(items, { signed: true });
    case "variable":
      // The name of a variable, and the host of an account, are the user's data: MySQL shows quoted ones.
      items.push({ kind: "at", text: "@" });
      return pushValue(items);
    case "system":
      items.push({ kind: "at", text: "@@" });
      return;
    case "operator":
      return pushOperator(items, textOf(place));
    case "hint":
      items.push({ kind: "word", text: hintText(textOf(place)) });
      return;
    case "comment":
      return pushRowList(items);
    case "version":
    case "unterminated":
      return;
  }
}

function textOf({ sql, token }: Place): string {
  return sql.slice(token.start, token.end);
}

function pushOperator(items: Item[], text: string): void {
  if (text === ")") pushClose(items);
  else if (text === "...") pushEllipsis(items);
  else items.push({ kind: "word", text: text === "<>" ? "!=" : text });
}

function pushName(items: Item[], place: Place): void {
  // In front of "@", also one that is cut off, it is the user of an account.
  const { sql, next } = place;
  const user = next !== undefined && sql[next.start] === "@" && next.kind !== "system";
  const name = user ? undefined : identifierText(textOf(place));
  if (name === undefined) pushValue(items);
  else items.push({ kind: "name", text: name });
}

function pushUnquoted(items: Item[], place: Place): void {
  const { sql, token, previous, next } = place;
  const text = textOf(place);
  const word = isIdentifier(place) ? undefined : keyword(text, { call: sql[next?.start ?? -1] === "(" });
  const glued = previous?.end === token.start && (previous.kind === "string" || previous.kind === "number");
  if (word === "NULL") pushNull(items, place);
  else if (word !== undefined) items.push({ kind: "word", text: word });
  else if (isIntroducer(text) && (next?.kind === "string" || next?.kind === "number")) {
    items.push({ kind: "word", text: "(_charset)" });
  } else if (!glued) {
    // A word glued to a literal is more likely a part of it, misread, than an alias: it is left out.
    pushName(items, place);
  }
}

/** Whether a word is an identifier even if it is a keyword: next to the "." of a qualified name. */
function isIdentifier({ sql, token, previous }: Place): boolean {
  if (previous?.end === token.start && previous.kind === "operator" && sql[token.start - 1] === ".") {
    return true;
  }
  const dotted = sql[token.end] === "." && wordEnd(sql, token.end + 1) > token.end + 1;
  return dotted && previous?.kind !== "system";
}

/** NULL is a literal, except in IS [NOT] NULL, in column definitions, and in NULL ON EMPTY. */
function pushNull(items: Item[], { sql, next }: Place): void {
  const last = items.at(-1);
  const test = isWord(last, "IS") || (isWord(last, "NOT") && isWord(items.at(-2), "IS"));
  const definition = isWord(items[0], "CREATE", "ALTER");
  const operand = isBeforeOperand(last) && !(definition && isWord(last, "NOT"));
  const clause = definition || (next?.kind === "word" && /^on$/i.test(sql.slice(next.start, next.end)));
  if (test || (clause && !operand)) items.push({ kind: "word", text: "NULL" });
  else pushValue(items);
}
