import type { SessionName } from "../vocabulary/vocabulary.ts";

/** An expression in SQL that yields just what the policy language would; NULL where that is unknown. */
export interface SqlValue {
  readonly sql: string;
  readonly type: "number" | "string" | "boolean";
}

/** By the names of the policy language. */
export type SqlValues = Readonly<Partial<Record<SessionName, SqlValue>>>;

/** A text written as its bytes, so that no mode of the server reads it otherwise. */
export function sqlBytes(text: string): string {
  const hex = [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0"));
  return `x'${hex.join("")}'`;
}

/** A text column, compared byte by byte; NULL is read as an empty text. */
export function sqlText(column: string): SqlValue {
  return { sql: `CAST(IFNULL(${column}, '') AS BINARY)`, type: "string" };
}

/** Stands in conditions for what no age may exceed, which grows with the server. */
export const LONGEST = ":longest";

/** An age in milliseconds, unless it is absurd, or the session is not in that state. */
export function unknownUnless(condition: string, age: string): SqlValue {
  return { sql: `IF(${condition} AND ${age} BETWEEN 0 AND ${LONGEST}, ${age}, NULL)`, type: "number" };
}

/** How much older than its server a session may seem, for rounding, in milliseconds. */
export const SLACK = 1000;
