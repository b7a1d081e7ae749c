import { crc32 } from "./crc32.ts";

/** What the column of a shard key can hold. Other types are no keys: equal values of theirs have many texts. */
export type KeyType =
  | {
    readonly family: "integer";
    readonly min: bigint;
    readonly max: bigint;
    /** It counts by itself where it is given 0. */
    readonly auto: boolean;
  }
  | {
    readonly family: "text";
    /** In characters. */
    readonly length: number;
    readonly repertoire: "ascii" | "basic" | "unicode";
  };

/** A literal as it stands in a statement, its quotes and escapes read. */
export interface Literal {
  readonly kind: "number" | "string";
  readonly text: string;
}

/** The longest whole number that is exact as a double, too: servers may compare texts with numbers as doubles. */
const EXACT_DIGITS = 15;

/**
 * The text by which a key is found, the same for all literals that the server takes for equal to it; undefined
 * where that is not certain, as for `5.0`, `'5abc'`, or a number in place of a text.
 */
export function canonicalKey({ kind, text }: Literal, type: KeyType): string | undefined {
  if (type.family === "text") return kind === "string" ? trimmed(text) : undefined;
  if (kind === "string") {
    return /^(?:0|-?[1-9][0-9]*)$/.test(text) && text.length <= EXACT_DIGITS ? text : undefined;
  }
  if (text.length <= EXACT_DIGITS && text.charCodeAt(0) > ZERO && isDigits(text)) return text;
  return /^-?[0-9]+$/.test(text) ? String(BigInt(text)) : undefined;
}

/** Whether a column stores this key as it is: not clamped, cut or counted up by the server. */
export function fits(key: string, type: KeyType): boolean {
  if (type.family === "integer") {
    const value = BigInt(key);
    return value >= type.min && value <= type.max && !(type.auto && value === 0n);
  }
  if ([...key].length > type.length) return false;
  if (type.repertoire === "unicode") return true;
  // deno-lint-ignore no-control-regex -- all of ASCII
  return (type.repertoire === "ascii" ? /^[\x00-\x7f]*$/ : /^[\u0000-\uffff]*$/).test(key) &&
    !/[\ud800-\udfff]/.test(key);
}

/** The number of slots, for good: a key never changes its slot. */
export const SLOT_COUNT = 1024;

const encoder = new TextEncoder();

/** The slot of a canonical key. */
export function slotOf(key: string): number {
  return crc32(encoder.encode(key)) % SLOT_COUNT;
}

/** SQL for the slot of a column: the same as {@linkcode slotOf}, reckoned by the server. */
export function slotSql(column: string, { family }: Pick<KeyType, "family">): string {
  // A sum has no ZEROFILL; texts that are equal in spite of spaces at their end are in one slot.
  const text = family === "integer"
    ? `${column} + 0`
    : `TRIM(TRAILING ' ' FROM CONVERT(${column} USING utf8mb4))`;
  return `CRC32(${text}) % ${SLOT_COUNT}`;
}

const ZERO = 48;

function isDigits(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 48 || unit > 57) return false;
  }
  return true;
}

function trimmed(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 32) end--;
  return text.slice(0, end);
}
