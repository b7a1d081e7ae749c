import type { AnswerColumn } from "../../connection/mod.ts";

/** A value as JSON has it. */
export type JsonValue = string | number | boolean | null;

/** A row: by the names of its columns. */
export type JsonRow = Readonly<Record<string, JsonValue>>;

/** Numbers of types in the protocol (enum_field_types). */
const TYPES = {
  tiny: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  longLong: 8,
  int24: 9,
  year: 13,
  bit: 16,
  json: 245,
} as const;
const DECIMALS: ReadonlySet<number> = new Set([0, 246]);
const WHOLE: ReadonlySet<number> = new Set([
  TYPES.tiny,
  TYPES.short,
  TYPES.long,
  TYPES.longLong,
  TYPES.int24,
  TYPES.year,
]);
const APPROXIMATE: ReadonlySet<number> = new Set([TYPES.float, TYPES.double]);

/** DOUBLE is sent with all of its digits, unless it was given so many: DOUBLE(10,2), ROUND(…, 2). */
const ALL_DIGITS = 31;

/** What another server would not store as it was; undefined: all comes as it is. */
export function lossOf(
  { type, decimals }: AnswerColumn,
): { readonly problem: string; readonly hint: string } | undefined {
  if (type === TYPES.float) {
    return { problem: "FLOAT loses digits on its way from shard to shard", hint: "use DOUBLE, or CAST it" };
  }
  if (type === TYPES.double && decimals < ALL_DIGITS) {
    return {
      problem: "DOUBLE that is cut to some digits loses the others on its way from shard to shard",
      hint: "round DECIMAL in place of it, as CAST(… AS DECIMAL(20, 4))",
    };
  }
  if (type === TYPES.json) {
    return {
      problem: "JSON does not come with all of its types from shard to shard",
      hint: "CAST(… AS CHAR), or read it without ORDER BY, DISTINCT and GROUP BY",
    };
  }
}

const decoder = new TextDecoder();

/**
 * A value for JSON: whole numbers as numbers up to 2^53 and as texts beyond, DECIMAL and times as texts, bytes in
 * base64.
 */
export function jsonValue(value: Uint8Array | null, { type, binary }: AnswerColumn): JsonValue {
  if (value === null) return null;
  if (isBytes({ type, binary })) return base64(value);
  const text = decoder.decode(value);
  if (APPROXIMATE.has(type)) return Number(text);
  if (!WHOLE.has(type)) return text;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

/** Whether a value is bytes: times and numbers have the binary charset as well, and are texts. */
function isBytes({ type, binary }: Pick<AnswerColumn, "type" | "binary">): boolean {
  return type === TYPES.bit || (binary && BYTE_TYPES.has(type));
}

/** VARCHAR, the BLOBs, VAR_STRING, STRING, GEOMETRY, and VECTOR of MySQL. */
const BYTE_TYPES: ReadonlySet<number> = new Set([15, 249, 250, 251, 252, 253, 254, 255, 242]);

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** A value as a literal for another server, which stores the same. */
export function literal(value: Uint8Array | null, column: AnswerColumn): string {
  if (value === null) return "NULL";
  const { type } = column;
  if (WHOLE.has(type) || APPROXIMATE.has(type) || DECIMALS.has(type)) {
    const text = decoder.decode(value);
    if (!/^-?[0-9.]+(?:e[-+]?[0-9]+)?$/i.test(text)) throw new TypeError("a number of a server is none");
    return text;
  }
  if (value.length === 0) return "''";
  const hex = hexOf(value);
  return isBytes(column) ? `X'${hex}'` : `_utf8mb4 X'${hex}'`;
}

const DIGITS: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += DIGITS[byte];
  return text;
}
