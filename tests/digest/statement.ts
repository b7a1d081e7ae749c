import { assertEquals } from "@std/assert";
import {
  digestText,
  newStatementLines,
  type StatementLines,
  tablesOf,
  verbOf,
} from "../../src/digest/mod.ts";
import { DEFAULT_QUOTING } from "../../src/digest/quote.ts";
import { tokenize } from "../../src/digest/tokenizer.ts";

/** A statement as it was read from a text, and what was told of it. */
export interface ReadStatement {
  readonly sql: string;
  readonly cut: boolean;
  readonly line: string | undefined;
}

/** All that is told of a statement, by the functions that read tokens. */
export function describe(sql: string, options: { readonly cut: boolean }): string | undefined {
  const text = digestText(sql, options);
  const rest = JSON.stringify([verbOf(sql, options), tablesOf(sql, options)]);
  return text === "" ? undefined : `${text} ${rest}`;
}

/**
 * Reads statements from a text that comes in pieces, of so many bytes: three times over, since what is told of a
 * statement is made from its own text first, from its skeleton then, and kept in the end. All must be the same.
 */
export async function readStatements(
  text: string | Uint8Array,
  options: { readonly piece: number; readonly limit?: number },
): Promise<readonly ReadStatement[]> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const lines = newStatementLines(describe);
  const first = await readOnce(lines, bytes, options);
  for (let again = 0; again < 2; again++) assertEquals(await readOnce(lines, bytes, options), first);
  return first;
}

async function readOnce(
  lines: StatementLines,
  bytes: Uint8Array,
  options: { readonly piece: number; readonly limit?: number },
): Promise<readonly ReadStatement[]> {
  let at = 0;
  const reader = lines.read({
    read(into) {
      const part = bytes.subarray(at, at + Math.min(options.piece, into.length));
      into.set(part);
      at += part.length;
      return Promise.resolve(part.length > 0 ? part.length : null);
    },
  }, options);
  const found: ReadStatement[] = [];
  while (await reader.fill()) {
    for (let next = reader.next(); next !== undefined; next = reader.next()) {
      const line = lines.line(next);
      const decoded = line instanceof Uint8Array
        ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(line)
        : line;
      found.push({ sql: lines.sql(next), cut: next.cut, line: decoded });
    }
  }
  return found;
}

/**
 * The statements of a text by the tokenizer; undefined where it gives up before the end, since what comes next depends
 * on the server.
 */
export function splitByTokens(text: string): readonly string[] | undefined {
  const statements: string[] = [];
  for (let rest = text; rest !== "";) {
    let end = rest.length;
    for (const token of tokenize(rest, DEFAULT_QUOTING)) {
      if (token.doubtful) return undefined;
      if (token.kind === "operator" && rest[token.start] === ";") {
        end = token.start;
        break;
      }
    }
    statements.push(rest.slice(0, end));
    rest = rest.slice(end + 1);
  }
  return statements;
}
