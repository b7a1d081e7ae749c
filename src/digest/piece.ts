import { type Accounts, isAccount, newAccounts, noteAccountWord } from "./account.ts";
import { isIntroducer } from "./charset.ts";
import { hintText } from "./hint.ts";
import { identifierText } from "./identifier.ts";
import { type Item, pushClose, pushEllipsis, pushHidden, pushRowList, pushValue } from "./item.ts";
import { keywordAt } from "./keyword.ts";
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

const [DOUBLE_QUOTE, OPEN, DOT, AT, LAST_CAPITAL, UNDERSCORE, BACK_QUOTE] = [
  34,
  40,
  46,
  64,
  90,
  95,
  96,
] as const;

/** No position, and no word that ends a list, is this long. */
const MAX_WORD = 16;

/** A digest text in the making. */
export interface Draft {
  readonly items: Item[];
  readonly lists: OrderLists;
  /** Set while a statement may name accounts. */
  accounts?: Accounts | undefined;
  /** Whether the text has "?" in the place of a name that MySQL would show. */
  hides: boolean;
  /** Whether something stands in double quotes, which is a name under ANSI_QUOTES. */
  doubleQuoted: boolean;
  /** Whether the statement is a digest text itself, once that has been asked. */
  digested?: boolean;
  /** All names are shown, also those in double quotes: for comparisons that never leave the process. */
  readonly reveals: Reveals | undefined;
}

/** What is a name between double quotes. */
export interface Reveals {
  readonly doubleQuoted: boolean;
}

/** Appends what a digest shows of a token to the pieces before it. */
export function pushToken(draft: Draft, place: Place): void {
  const { items } = draft;
  switch (place.token.kind) {
    case "word":
      return pushUnquoted(draft, place);
    case "quoted":
      return pushName(draft, place);
    case "string":
      return pushString(draft, place);
    case "parameter":
      // In a digest text, of an account.
      return isBeforeAt(place) ? pushAccount(draft, place) : pushLiteral(draft);
    case "unknown":
      return pushValue(items);
    case "number":
      return pushNumber(draft, place);
    case "variable":
      return pushVariable(draft, textOf(place));
    case "system":
      items.push({ kind: "at", text: "@@" });
      return;
    case "operator":
      return pushOperator(draft, place);
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

function pushLiteral({ items, accounts }: Draft): void {
  if (accounts !== undefined) accounts.due = false;
  pushValue(items);
}

function pushString(draft: Draft, { sql, token }: Place): void {
  if (sql.charCodeAt(token.start) === DOUBLE_QUOTE) {
    draft.doubleQuoted = true;
    if (draft.reveals?.doubleQuoted) {
      const name = sql.slice(token.start + 1, token.end - 1).replaceAll('""', '"');
      draft.items.push({ kind: "name", text: "`" + name + "`" });
      return;
    }
  }
  pushLiteral(draft);
}

/** The name of a variable, and the host of an account, are the user's data: MySQL shows quoted ones. */
function pushVariable(draft: Draft, text: string): void {
  const { items, reveals } = draft;
  if (text.charCodeAt(1) === BACK_QUOTE) {
    draft.hides = true;
    if (reveals !== undefined) {
      items.push({ kind: "name", text });
      return;
    }
  }
  items.push({ kind: "at", text: "@" });
  pushValue(items);
}

function pushNumber({ items, lists }: Draft, { sql, token, next }: Place): void {
  if (lists[lists.length - 1]) {
    const follower = next === undefined
      ? ""
      : sql.slice(next.start, Math.min(next.end, next.start + MAX_WORD));
    const known = next?.kind === "unterminated" ? undefined : follower.toUpperCase();
    const number = sql.slice(token.start, Math.min(token.end, token.start + MAX_WORD));
    if (pushPosition(items, number, { lists, next: known })) return;
  }
  pushValue(items, SIGNED);
}

const SIGNED = { signed: true } as const;

function pushOperator(draft: Draft, place: Place): void {
  const { items, lists, accounts } = draft;
  const { sql, token } = place;
  const single = token.end - token.start === 1 ? SINGLE[sql.charCodeAt(token.start)] : undefined;
  const text = single?.text ?? textOf(place);
  if (text === "(" || text === ")" || text === ";") noteWord(lists, text, items);
  if (text === ")") return pushClose(items);
  if (text === ";") draft.accounts = undefined;
  else if (accounts !== undefined) noteAccountWord(accounts, text);
  if (text === "...") pushEllipsis(items);
  else items.push(single ?? { kind: "word", text: OPERATOR_NAMES.get(text) ?? text });
}

/** The pieces of operators of one character, by its code. */
const SINGLE: readonly Item[] = Array.from(
  { length: 128 },
  (_, code) => ({ kind: "word", text: String.fromCharCode(code) }),
);

/** Appends the name of an account as "?", which joins a list as a quoted one does, unless a host follows. */
function pushAccount(draft: Draft, place: Place): void {
  const { items, accounts, reveals } = draft;
  if (accounts !== undefined) accounts.due = false;
  draft.hides = true;
  if (reveals !== undefined) items.push({ kind: "name", text: textOf(place) });
  else if (isBeforeAt(place)) pushHidden(items);
  else pushValue(items);
}

/** In front of "@", also one that is cut off, a name is the user of an account. */
function isBeforeAt({ sql, next }: Place): boolean {
  return next !== undefined && sql.charCodeAt(next.start) === AT && next.kind !== "system";
}

function pushName(draft: Draft, place: Place): void {
  if (isBeforeAt(place) || isAccount(draft.accounts, undefined)) return pushAccount(draft, place);
  const { items, reveals } = draft;
  const text = textOf(place);
  const name = identifierText(text);
  if (name !== undefined) {
    items.push({ kind: "name", text: name });
    return;
  }
  draft.hides = true;
  if (reveals === undefined) pushValue(items);
  else items.push({ kind: "name", text });
}

function pushUnquoted(draft: Draft, place: Place): void {
  const { sql, token, previous, next } = place;
  const keyword = isIdentifier(place) ? undefined : keywordItem(draft, place);
  if (keyword !== undefined) return pushKeyword(draft, place, keyword);
  const isLiteral = next !== undefined && (next.kind === "string" || next.kind === "number");
  if (isLiteral && sql.charCodeAt(token.start) === UNDERSCORE && isIntroducer(textOf(place))) {
    draft.items.push({ kind: "word", text: "(_charset)" });
    return;
  }
  // A word glued to a literal is more likely a part of it, misread, than an alias: it is left out.
  const glued = previous !== undefined && previous.end === token.start &&
    (previous.kind === "string" || previous.kind === "number");
  if (glued && draft.reveals === undefined) draft.hides = true;
  else pushName(draft, place);
}

function pushKeyword(draft: Draft, place: Place, item: Item): void {
  const { items, lists, accounts } = draft;
  const word = item.text;
  if (word === "NULL" && !isNullKeyword(items)) return pushValue(items);
  if (accounts !== undefined) {
    if (isAccount(accounts, word)) return pushAccount(draft, place);
    noteAccountWord(accounts, word);
  } else if (items.length === 0 || items[items.length - 1]!.text === ";") {
    draft.accounts = newAccounts(word);
  }
  noteWord(lists, word, items);
  items.push(item);
}

function keywordItem(draft: Draft, { sql, token: { start, end }, next }: Place): Item | undefined {
  const found = keywordAt(sql, start, end);
  if (found !== undefined && (!found.call || isCall(sql, next))) return found.item;
  if (sql.charCodeAt(start) > LAST_CAPITAL) return undefined;
  const text = sql.slice(start, end);
  if (!PRINTED_NAMES.has(text)) return undefined;
  draft.digested ??= isDigestText(sql);
  return draft.digested ? { kind: "word", text } : undefined;
}

function isCall(sql: string, next: Token | undefined): boolean {
  return next !== undefined && sql.charCodeAt(next.start) === OPEN;
}

/** Whether a word is an identifier even if it is a keyword: next to the "." of a qualified name. */
function isIdentifier({ sql, token, previous }: Place): boolean {
  const { start, end } = token;
  if (sql.charCodeAt(start - 1) === DOT && previous?.end === start && previous.kind === "operator") {
    return true;
  }
  return sql.charCodeAt(end) === DOT && wordEnd(sql, end + 1) > end + 1 && previous?.kind !== "system";
}
