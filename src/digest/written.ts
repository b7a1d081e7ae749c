import { Buffer } from "node:buffer";
import { LETTERS, OFFSETS } from "./code.ts";
import { FIRST, type Items } from "./item.ts";

/** The longest digest text, in UTF-16 units; statements that differ only after it have one digest. */
export const MAX_DIGEST_TEXT = 4096;

/** Stands for the rest of a text that is too long or could not be read to its end. */
export const REST = "…";

const [NAME, OTHER_NAME, AT, SYSTEM, HINT] = [1, 2, 9, 10, 11] as const;
const [SPACE, BACK_QUOTE] = [32, 96] as const;

/** Three bytes for each unit, with room for the mark of the rest. */
const bytes = new Uint8Array(3 * MAX_DIGEST_TEXT + 64);
const buffer = Buffer.from(bytes.buffer);
const encoder = new TextEncoder();
const [letters, offsets] = [LETTERS, OFFSETS] as const;

/** What was written last: in UTF-8, with zeros behind it up to a multiple of four bytes. */
export const WRITTEN = { text: bytes, length: 0 };

/** The same while it is written; and how many UTF-16 units it has. */
let length = 0;
let units = 0;

/**
 * Writes pieces with spaces between them, up to `limit` UTF-16 units; false where that is not all of them. The text is
 * there until the next one is written.
 * @param statement where the names stand
 */
export function write(items: Items, statement: Uint16Array, limit: number): boolean {
  const { codes, length: end } = items;
  let at = 0;
  let count = 0;
  let index = FIRST;
  for (let before: number = AT; index < end; index++) {
    const code = codes[index]!;
    const space = before === AT || before === SYSTEM ? 0 : 1;
    const size = space + sizeOf(items, index);
    if (count + size > limit) break;
    count += size;
    if (space === 1) bytes[at++] = SPACE;
    if (code === NAME) at = writeName(items, { index, statement, at });
    else if (code === OTHER_NAME || code === HINT) at = writeText(items.texts[index]!, at);
    else for (let from = offsets[code]!; from < offsets[code + 1]!; from++) bytes[at++] = letters[from]!;
    before = code;
  }
  length = at;
  units = count;
  return index === end;
}

/** How long a piece is, in UTF-16 units. */
function sizeOf({ codes, starts, ends, texts }: Items, index: number): number {
  const code = codes[index]!;
  if (code === NAME) return ends[index]! - starts[index]! + 2;
  if (code === OTHER_NAME || code === HINT) return texts[index]!.length;
  return offsets[code + 1]! - offsets[code]!;
}

/** Writes a name at an offset, and returns the one behind it. */
function writeName(
  { starts, ends }: Items,
  options: { readonly index: number; readonly statement: Uint16Array; readonly at: number },
): number {
  const { index, statement } = options;
  const end = ends[index]!;
  let { at } = options;
  bytes[at++] = BACK_QUOTE;
  for (let from = starts[index]!; from < end; from++) bytes[at++] = statement[from]!;
  bytes[at++] = BACK_QUOTE;
  return at;
}

function writeText(text: string, at: number): number {
  return at + encoder.encodeInto(text, bytes.subarray(at)).written;
}

/** Appends the mark of the rest. */
export function writeRest(): void {
  if (length > 0) {
    bytes[length++] = SPACE;
    units++;
  }
  units += REST.length;
  length = writeText(REST, length);
}

/** Ends the text. */
export function finish(): void {
  for (let at = length; at % 4 !== 0; at++) bytes[at] = 0;
  WRITTEN.length = length;
}

/** The text that was written last. */
export function writtenText(): string {
  return buffer.toString(units === length ? "latin1" : "utf8", 0, length);
}
