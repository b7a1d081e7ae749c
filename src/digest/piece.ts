import { type Accounts, isAccount, newAccounts, noteAccountWord } from "./account.ts";
import { isIntroducer } from "./charset.ts";
import { hintText } from "./hint.ts";
import { identifierText } from "./identifier.ts";
import { type Item, pushClose, pushEllipsis, pushRowList, pushValue } from "./item.ts";
import { keyword } from "./keyword.ts";
import { isNullKeyword } from "./null.ts";
import { wordEnd } from "./number.ts";
import { noteWord, type OrderLists, pushPosition } from "./order_list.ts";
import { isDigestText, PRINTED_NAMES } from "./printed.ts";
import type { Token } from "./token.ts";

/** One token where it stands. */
export interface Place {
  readonly sql: string;
  readonly token: Token;
  /** The tokens around it, without comments. */
  readonly previous: Token | undefined;
  readonly next: Token | undefined;
}

/** Operators that MySQL prints under another name; in `!!` its tokenizer loses one. */
const OPERATOR_NAMES: ReadonlyMap<string, string> = new Map([["<>", "!="], ["!!", "!"]]);

/** No position, and no word that ends a list, is this long. */
const MAX_WORD = 16;

/** A digest text in the making. */
export interface Draft {
  readonly items: Item[];
  readonly lists: OrderLists;
  /** Set while a statement may name accounts. */
  accounts?: Accounts | undefined;
  /** Whether the text has "?" in the place of a name that MySQL would show. */
  hides?: boolean;
  /** Whether the statement is a digest text itself, once that has been asked. */
  digested?: boolean;
}

/** Appends what a digest shows of a token to the pieces before it. */
export function pushToken(draft: Draft, place: Place): void {
  const { items } = draft;
  switch (place.token.kind) {
    case "word":
      return pushUnquoted(draft, place);
    case "quoted":
      return pushName(items, place);
    case "string":
    case "parameter":
    case "unknown":
      return pushValue(items);
    case "number":
      return pushNumber(draft, place);
    case "variable":
      // The name of a variable, and the host of an account, are the user's data: MySQL shows quoted ones.
      items.push({ kind: "at", text: "@" });
      return pushValue(items);
    case "system":
      items.push({ kind: "at", text: "@@" });
      return;
    case "operator":
      return pushOperator(draft, textOf(place));
    case "hint":
      return pushHint(items, textOf(place));
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

function pushHint(items: Item[], text: string): void {
  const hint = hintText(text);
  if (hint !== undefined) items.push({ kind: "word", text: hint });
}

function pushNumber({ items, lists }: Draft, place: Place): void {
  const { sql, token, next } = place;
  const follower = next === undefined ? "" : sql.slice(next.start, Math.min(next.end, next.start + MAX_WORD));
  const known = next?.kind === "unterminated" ? undefined : follower.toUpperCase();
  const number = sql.slice(token.start, Math.min(token.end, token.start + MAX_WORD));
  if (!pushPosition(items, number, { lists, next: known })) pushValue(items, { signed: true });
}

function pushOperator({ items, lists }: Draft, text: string): void {
  noteWord(lists, text, items);
  if (text === ")") pushClose(items);
  else if (text === "...") pushEllipsis(items);
  else items.push({ kind: "word", text: OPERATOR_NAMES.get(text) ?? text });
}

function pushName(items: Item[], place: Place): void {
  // In front of "@", also one that is cut off, it is the user of an account.
  const { sql, next } = place;
  const user = next !== undefined && sql[next.start] === "@" && next.kind !== "system";
  const name = user ? undefined : identifierText(textOf(place));
  if (name === undefined) pushValue(items);
  else items.push({ kind: "name", text: name });
}

function pushUnquoted(draft: Draft, place: Place): void {
  const { items, lists } = draft;
  const { token, previous, next } = place;
  const text = textOf(place);
  const word = isIdentifier(place) ? undefined : keywordText(draft, text, place);
  const glued = previous?.end === token.start && (previous.kind === "string" || previous.kind === "number");
  if (word === "NULL" && !isNullKeyword(items)) pushValue(items);
  else if (word !== undefined) {
    noteWord(lists, word, items);
    items.push({ kind: "word", text: word });
  } else if (isIntroducer(text) && (next?.kind === "string" || next?.kind === "number")) {
    items.push({ kind: "word", text: "(_charset)" });
  } else if (!glued) {
    // A word glued to a literal is more likely a part of it, misread, than an alias: it is left out.
    pushName(items, place);
  }
}

function keywordText(draft: Draft, text: string, { sql, next }: Place): string | undefined {
  const word = keyword(text, { call: sql[next?.start ?? -1] === "(" });
  if (word !== undefined || !PRINTED_NAMES.has(text)) return word;
  draft.digested ??= isDigestText(sql);
  return draft.digested ? text : undefined;
}

/** Whether a word is an identifier even if it is a keyword: next to the "." of a qualified name. */
function isIdentifier({ sql, token, previous }: Place): boolean {
  if (previous?.end === token.start && previous.kind === "operator" && sql[token.start - 1] === ".") {
    return true;
  }
  const dotted = sql[token.end] === "." && wordEnd(sql, token.end + 1) > token.end + 1;
  return dotted && previous?.kind !== "system";
}
