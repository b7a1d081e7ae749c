import { type Accounts, isAccount, newAccounts, noteAccountWord } from "./account.ts";
import { isIntroducer } from "./charset.ts";
import { codeOf, wordOf } from "./code.ts";
import { hintText } from "./hint.ts";
import { identifierText, MAX_IDENTIFIER } from "./identifier.ts";
import {
  FIRST,
  type Items,
  lastOf,
  push,
  pushClose,
  pushEllipsis,
  pushHidden,
  pushHint,
  pushName as pushPlainName,
  pushOtherName,
  pushRowList,
  pushValue,
} from "./item.ts";
import { keywordAt } from "./keyword.ts";
import { isNullKeyword } from "./null.ts";
import { isWordUnit } from "./number.ts";
import { INTRODUCER, OPERATORS } from "./operator.ts";
import { noteWord, type OrderLists, pushPosition } from "./order_list.ts";
import { isDigestText, PRINTED_NAMES } from "./printed.ts";
import type { Token } from "./token.ts";
import type { Units } from "./units.ts";

/** One token where it stands. */
export interface Place {
  readonly text: Units;
  readonly token: Token;
  /** The tokens around it, without comments. */
  readonly previous: Token | undefined;
  readonly next: Token | undefined;
}

const [DOUBLE_QUOTE, OPEN, DOT, AT, LAST_CAPITAL, UNDERSCORE, BACK_QUOTE] = [
  34,
  40,
  46,
  64,
  90,
  95,
  96,
] as const;

/** What MySQL prints for an operator; in `!!` its tokenizer loses one. */
const PRINTED: ReadonlyMap<string, number> = new Map([
  ...OPERATORS.map((text) => [text, codeOf(text)] as const),
  ["<>", codeOf("!=")],
  ["!!", codeOf("!")],
]);

/** The same of operators of one character, by its code. */
const SINGLE = Uint16Array.from({ length: 128 }, (_, code) => PRINTED.get(String.fromCharCode(code)) ?? 0);

const [OPENING, CLOSING, END, NULL, SYSTEM, USER_VARIABLE] = [
  codeOf("("),
  codeOf(")"),
  codeOf(";"),
  codeOf("NULL"),
  codeOf("@@"),
  codeOf("@"),
] as const;
const [ELLIPSIS, INTRODUCER_CODE] = [codeOf("..."), codeOf(INTRODUCER)] as const;

/** No position, and no word that ends a list, is this long. */
const MAX_WORD = 16;

/** A digest text in the making. */
export interface Draft {
  readonly items: Items;
  readonly lists: OrderLists;
  /** Set while a statement may name accounts. */
  accounts?: Accounts | undefined;
  /** Whether the text has "?" in the place of a name that MySQL would show. */
  hides: boolean;
  /** Whether something stands in double quotes, which is a name under ANSI_QUOTES. */
  doubleQuoted: boolean;
  /** Whether the statement is a digest text itself, once that has been asked. */
  digested: boolean | undefined;
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
      return push(items, SYSTEM);
    case "operator":
      return pushOperator(draft, place);
    case "hint":
      return pushHintText(items, textOf(place));
    case "comment":
      return pushRowList(items);
    case "version":
    case "unterminated":
      return;
  }
}

function textOf({ text: { sql }, token }: Place): string {
  return sql.slice(token.start, token.end);
}

function pushHintText(items: Items, text: string): void {
  const hint = hintText(text);
  if (hint !== undefined) pushHint(items, hint);
}

function pushLiteral({ items, accounts }: Draft): void {
  if (accounts !== undefined) accounts.due = false;
  pushValue(items);
}

function pushString(draft: Draft, { text: { sql, units }, token }: Place): void {
  if (units[token.start] === DOUBLE_QUOTE) {
    draft.doubleQuoted = true;
    if (draft.reveals?.doubleQuoted) {
      const name = sql.slice(token.start + 1, token.end - 1).replaceAll('""', '"');
      pushOtherName(draft.items, "`" + name + "`");
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
      return pushOtherName(items, text);
    }
  }
  push(items, USER_VARIABLE);
  pushValue(items);
}

function pushNumber(
  { items, lists, accounts }: Draft,
  { text: { sql }, token, next }: Place,
): void {
  if (accounts !== undefined) accounts.due = false;
  if (lists[lists.length - 1]) {
    const follower = next === undefined
      ? ""
      : sql.slice(next.start, Math.min(next.end, next.start + MAX_WORD));
    const known = next?.kind === "unterminated" ? undefined : follower.toUpperCase();
    const number = sql.slice(token.start, Math.min(token.end, token.start + MAX_WORD));
    if (pushPosition(items, number, known)) return;
  }
  pushValue(items, SIGNED);
}

const SIGNED = { signed: true } as const;

function pushOperator(draft: Draft, place: Place): void {
  const { items, lists, accounts } = draft;
  const { text: { units }, token } = place;
  const code = token.end - token.start === 1 ? SINGLE[units[token.start]!]! : PRINTED.get(textOf(place)) ?? 0;
  if (code === OPENING || code === CLOSING || code === END) noteWord(lists, code, items);
  // No account follows at once, whatever stood in the parentheses: an empty list, numbers, or their signs.
  if (code === CLOSING && accounts !== undefined) accounts.due = false;
  if (code === CLOSING) return pushClose(items);
  if (code === END) draft.accounts = undefined;
  else if (accounts !== undefined) noteAccountWord(accounts, wordOf(code));
  if (code === ELLIPSIS) pushEllipsis(items);
  else push(items, code);
}

/** Appends the name of an account as "?", which joins a list as a quoted one does, unless a host follows. */
function pushAccount(draft: Draft, place: Place): void {
  const { items, accounts, reveals } = draft;
  if (accounts !== undefined) accounts.due = false;
  draft.hides = true;
  if (reveals !== undefined) pushOtherName(items, textOf(place));
  else if (isBeforeAt(place)) pushHidden(items);
  else pushValue(items);
}

/** In front of "@", also one that is cut off, a name is the user of an account. */
function isBeforeAt({ text: { units }, next }: Place): boolean {
  return next !== undefined && units[next.start] === AT && next.kind !== "system";
}

function pushName(draft: Draft, place: Place): void {
  if (isBeforeAt(place) || isAccount(draft.accounts, undefined)) return pushAccount(draft, place);
  const { items, reveals } = draft;
  const { kind, start, end, plain } = place.token;
  const quote = kind === "quoted" ? 1 : 0;
  if (plain && end - start - 2 * quote <= MAX_IDENTIFIER) {
    return pushPlainName(items, start + quote, end - quote);
  }
  const text = textOf(place);
  const name = identifierText(text);
  if (name !== undefined) return pushOtherName(items, name);
  draft.hides = true;
  if (reveals === undefined) pushValue(items);
  else pushOtherName(items, text);
}

function pushUnquoted(draft: Draft, place: Place): void {
  const { text: { units }, token, previous, next } = place;
  const keyword = isIdentifier(place) ? undefined : keywordCode(draft, place);
  if (keyword !== undefined) return pushKeyword(draft, place, keyword);
  const isLiteral = next !== undefined && (next.kind === "string" || next.kind === "number");
  if (isLiteral && units[token.start] === UNDERSCORE && isIntroducer(textOf(place))) {
    return push(draft.items, INTRODUCER_CODE);
  }
  // A word glued to a literal is more likely a part of it, misread, than an alias: it is left out.
  const glued = previous !== undefined && previous.end === token.start &&
    (previous.kind === "string" || previous.kind === "number");
  if (glued && draft.reveals === undefined) draft.hides = true;
  else pushName(draft, place);
}

function pushKeyword(draft: Draft, place: Place, code: number): void {
  const { items, lists, accounts } = draft;
  if (code === NULL && !isNullKeyword(items)) return pushValue(items);
  if (accounts !== undefined) {
    const word = wordOf(code);
    if (isAccount(accounts, word)) return pushAccount(draft, place);
    noteAccountWord(accounts, word);
  } else if (items.length === FIRST || lastOf(items) === END) {
    draft.accounts = newAccounts(wordOf(code));
  }
  noteWord(lists, code, items);
  push(items, code);
}

function keywordCode(
  draft: Draft,
  { text: { sql, units }, token: { start, end }, next }: Place,
): number | undefined {
  const found = keywordAt(units, start, end);
  if (found !== undefined && (!found.call || isCall(units, next))) return found.code;
  if (units[start]! > LAST_CAPITAL) return undefined;
  const text = sql.slice(start, end);
  if (!PRINTED_NAMES.has(text)) return undefined;
  draft.digested ??= isDigestText(sql);
  return draft.digested ? codeOf(text) : undefined;
}

function isCall(units: Uint16Array, next: Token | undefined): boolean {
  return next !== undefined && units[next.start] === OPEN;
}

/** Whether a word is an identifier even if it is a keyword: next to the "." of a qualified name. */
function isIdentifier({ text: { units }, token: { start, end }, previous }: Place): boolean {
  if (previous?.end === start && previous.kind === "operator" && units[start - 1] === DOT) return true;
  return units[end] === DOT && isWordUnit(units[end + 1]!) && previous?.kind !== "system";
}
