import type { SessionName } from "../vocabulary/vocabulary.ts";

/** An SQL expression with the same value that the policy language sees; NULL if it is unknown. */
export interface SqlValue {
  readonly sql: string;
  readonly type: "number" | "string" | "boolean";
}

/** By the names of the policy language. */
export type SqlValues = Readonly<Partial<Record<SessionName, SqlValue>>>;

/** A text as hexadecimal bytes, which no setting of the server can change the meaning of. */
export function sqlBytes(text: string): string {
  const hex = [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0"));
  return `x'${hex.join("")}'`;
}

/** A text column, compared byte by byte. NULL counts as an empty text. */
export function sqlText(column: string): SqlValue {
  return { sql: `CAST(IFNULL(${column}, '') AS BINARY)`, type: "string" };
}

/** A placeholder in conditions for the greatest plausible age, which grows with the server's uptime. */
export const LONGEST = ":longest";

/** An age in milliseconds; NULL if it is absurd, or the condition is false. */
export function unknownUnless(condition: string, age: string): SqlValue {
  return { sql: `IF(${condition} AND ${age} BETWEEN 0 AND ${LONGEST}, ${age}, NULL)`, type: "number" };
}

/** How much older than the server a session may seem because of rounding, in milliseconds. */
export const SLACK = 1000;
