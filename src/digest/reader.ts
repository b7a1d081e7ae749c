import { type ReadingOptions, tokenReader } from "./reading.ts";
import { newSlot, type Token, type TokenKind } from "./token.ts";
import { unitsOf } from "./units.ts";

/** Goes through the code of a statement, token by token. */
export interface Reader {
  /** The token at hand; undefined behind the last one. */
  readonly token: () => Token | undefined;
  /** Its text: a word in lower case, an operator, or "" for all else. */
  readonly text: () => string;
  /** The end of the token before it. */
  readonly end: () => number;
  readonly advance: () => void;
}

/** Reads a statement from its start; comments, hints and the marks of version comments are left out. */
export function readerOf(sql: string, options: ReadingOptions | undefined): Reader {
  const next = codeReader(sql, options);
  let token = next();
  let end = 0;
  return {
    token: () => token,
    text: () => token === undefined ? "" : wordText(sql, token),
    end: () => end,
    advance() {
      if (token === undefined || token.kind === "unterminated") return;
      end = token.end;
      token = next();
    },
  };
}

function codeReader(sql: string, options: ReadingOptions | undefined): () => Token | undefined {
  const read = tokenReader(unitsOf(sql), options);
  return () => {
    const token = newSlot();
    do if (!read(token)) return undefined; while (NO_CODE.has(token.kind));
    return token;
  };
}

const NO_CODE: ReadonlySet<TokenKind> = new Set<TokenKind>(["comment", "hint", "version"]);

function wordText(sql: string, token: Token): string {
  if (token.end - token.start > 32 || (token.kind !== "word" && token.kind !== "operator")) return "";
  const text = sql.slice(token.start, token.end);
  return /^\w+$/.test(text) ? text.toLowerCase() : token.kind === "operator" ? text : "";
}

/** Whether nothing more can be read. */
export function atEnd(reader: Reader): boolean {
  const token = reader.token();
  return token === undefined || token.kind === "unterminated";
}

/** Goes to the token behind the parenthesis that matches the one at hand. */
export function skipParentheses(reader: Reader): void {
  let depth = 0;
  do {
    depth += reader.text() === "(" ? 1 : reader.text() === ")" ? -1 : 0;
    reader.advance();
  } while (depth > 0 && !atEnd(reader));
}

/** Goes to the token behind a word that stands outside of parentheses. */
export function skipTo(reader: Reader, word: string): void {
  while (!atEnd(reader)) {
    const found = reader.text() === word;
    if (reader.text() === "(") skipParentheses(reader);
    else reader.advance();
    if (found) return;
  }
}
