/**
 * A text with its UTF-16 units in an array: they are read more than once, and `charCodeAt()` takes several times as
 * long (V8 15: 5 ns against 1 ns). Behind the last one there are zeros, so that a look ahead needs no check.
 */
export interface Units {
  readonly sql: string;
  readonly units: Uint16Array;
  readonly length: number;
}

/** How many zeros stand behind a text at least. */
const ZEROS = 8;

/** The longest text that is read into memory that is there already. */
const SHARED = 2 ** 16;

/** A shorter text is read unit by unit: two calls take longer. */
const SHORT = 32;

const encoder = new TextEncoder();
const bytes = new Uint8Array(SHARED);
const shared = new Uint16Array(SHARED + ZEROS);

/** The units of a text. */
export function unitsOf(sql: string): Units {
  return filled(sql, new Uint16Array(sql.length + ZEROS));
}

/** The same, up to the next call of this function: for what needs one text at a time, and many of them. */
export function sharedUnitsOf(sql: string): Units {
  return sql.length > SHARED ? unitsOf(sql) : filled(sql, shared);
}

function filled(sql: string, units: Uint16Array): Units {
  const { length } = sql;
  if (length > SHORT && length <= SHARED && isCopied(sql)) units.set(bytes.subarray(0, length));
  else {
    for (let at = 0; at < length; at++) units[at] = sql.charCodeAt(at);
  }
  for (let at = length; at < length + ZEROS; at++) units[at] = 0;
  return { sql, units, length };
}

/** Whether a text is ASCII, and so is in `bytes` now: two native copies are faster than one unit after the other. */
function isCopied(sql: string): boolean {
  const { read, written } = encoder.encodeInto(sql, bytes);
  return read === sql.length && written === sql.length;
}
