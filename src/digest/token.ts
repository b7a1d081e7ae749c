/**
 * What a token is:
 * - `word`: an unquoted identifier or keyword; `quoted`: an identifier in back quotes
 * - `string`, `number` (also hexadecimal and bit literals), `parameter`: the literals and `?`
 * - `variable`: `@name`, `@'name'`, or the `@host` of an account; `system`: the `@@` of a system variable
 * - `operator`: punctuation, also `...`
 * - `comment`: a comment; `hint`: an optimizer hint; `version`: the start or end of a version comment
 * - `unknown`: a character that starts no token
 * - `unterminated`: what is open at the end of the text, or cannot be read for sure; it runs to the end, and
 *   its text must never be output
 */
export type TokenKind =
  | "word"
  | "quoted"
  | "string"
  | "number"
  | "parameter"
  | "variable"
  | "system"
  | "operator"
  | "comment"
  | "hint"
  | "version"
  | "unknown"
  | "unterminated";

/** A piece of a statement: the text from offset `start` up to `end`, in UTF-16 units. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** Of a `word` and a `quoted` one: it has no more than printable ASCII characters, and no back quote in it. */
  readonly plain: boolean;
  /** The quote in front of which it has a backslash: where it ends depends on the sql_mode; "" for none. */
  readonly ambiguous: string;
  /** Of an `unterminated` token: it may well end before the text does, but where is not known. */
  readonly doubtful: boolean;
}

/** Where a token is read into: most are looked at once, and need no object of their own. */
export type Slot = { -readonly [key in keyof Token]: Token[key] };

/** An empty slot. */
export function newSlot(): Slot {
  return { kind: "unterminated", start: 0, end: 0, plain: false, ambiguous: "", doubtful: false };
}
