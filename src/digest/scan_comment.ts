import { ROW_LIST } from "./digest.ts";
import type { Scan } from "./scan_state.ts";
import { pushByte, pushSpace } from "./skeleton.ts";
import { SHELL_SIGN } from "./verb.ts";

const [LINE_FEED, SPACE, BANG, STAR, PLUS, SLASH, LETTER_M] = [10, 32, 33, 42, 43, 47, 77] as const;

/** Comments that a digest, or the verb of a statement, depends on. */
const MARKS = [ROW_LIST, SHELL_SIGN].map((text) => new TextEncoder().encode(text));

/** Reads a comment up to the end of the line. */
export function readLine(scan: Scan, start: number): number {
  const { bytes, end, skeleton } = scan;
  let at = start + 1;
  while (at < end && bytes[at] !== LINE_FEED) at++;
  if (at === end) scan.open = "#";
  scan.commented = true;
  pushSpace(skeleton);
  return at;
}

/** Reads a comment, a hint, the start of a version comment, or a "/". */
export function readSlash(scan: Scan, at: number): number {
  const { bytes, end, skeleton } = scan;
  if (bytes[at + 1] !== STAR) {
    if (at + 1 === end) scan.resume = at;
    pushByte(skeleton, SLASH);
    return at + 1;
  }
  const third = bytes[at + 2]!;
  if (third === BANG || (third === LETTER_M && bytes[at + 3] === BANG)) {
    scan.version = true;
    skeleton.plain = false;
    return third === BANG ? at + 3 : at + 4;
  }
  const after = commentEnd(scan, at);
  if (third === PLUS) {
    for (let from = at; from < after; from++) skeleton.text[skeleton.length++] = bytes[from]!;
    return after;
  }
  scan.commented = true;
  if (third === SPACE && MARKS.some((mark) => startsWith(bytes, at, mark))) skeleton.plain = false;
  pushSpace(skeleton);
  return after;
}

/** The offset after the comment at `start`. */
function commentEnd(scan: Scan, start: number): number {
  const { bytes, end } = scan;
  for (let at = start + 3; at < end; at++) {
    if (bytes[at] === SLASH && bytes[at - 1] === STAR) return at + 1;
  }
  scan.skeleton.plain = false;
  // Too short to tell which kind of comment it is.
  const unknown = end - start < 4;
  if (!unknown) scan.open = "/*";
  scan.resume = unknown ? start : bytes[end - 1] === STAR ? end - 1 : end;
  return end;
}

function startsWith(bytes: Uint8Array, at: number, mark: Uint8Array): boolean {
  return mark.every((byte, index) => bytes[at + index] === byte);
}
