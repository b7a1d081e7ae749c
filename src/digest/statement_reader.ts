import { scanStatement } from "./scan.ts";
import type { Scan } from "./scan_state.ts";

/** Where statements are read from: as `Deno.FsFile`. */
export interface ByteSource {
  /** Reads some bytes; null at the end. */
  read(into: Uint8Array): Promise<number | null>;
}

/** A statement of a text: from `start` up to `end` in the bytes of the scan, without its ";". */
export interface Statement {
  readonly start: number;
  readonly end: number;
  /** It is too long, and the rest of it is left out. */
  readonly cut: boolean;
}

/** Reads statements that end with ";", whatever the length of the text in the same memory. */
export interface StatementReader {
  /** Reads on. False at the end of the text. */
  fill(): Promise<boolean>;
  /** The next of the statements read so far, also an empty one; the scan has it until the next call. */
  next(): Statement | undefined;
}

/** Options of {@linkcode newStatementReader}. */
export interface StatementReaderOptions {
  /** The longest statement, with its ";", in bytes; {@linkcode MAX_STATEMENT} unless told. */
  readonly limit?: number;
}

/** The longest statement in bytes. */
export const MAX_STATEMENT = 16 * 2 ** 20;

/** How much is read at once, in bytes. */
const READ = 2 ** 20;

/** Below this many bytes an open statement is read again with whatever is new. */
const SHORT = 2 ** 16;

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;

/** Splits what a source yields into statements, by a scan that must be used for nothing else meanwhile. */
export function newStatementReader(
  source: ByteSource,
  scan: Scan,
  { limit = MAX_STATEMENT }: StatementReaderOptions = {},
): StatementReader {
  /** Where the next statement starts; how long it is so far, where its end has been looked for. */
  let start = 0;
  let open = 0;
  let isFirst = true;
  let atEnd = false;
  /** Within a statement of which all that is shown has been shown. */
  let skipping = false;
  scan.end = 0;
  return { fill, next };

  async function fill(): Promise<boolean> {
    if (atEnd) return false;
    makeRoom(scan, start, { limit });
    start = 0;
    const { bytes } = scan;
    do {
      const count = await source.read(bytes.subarray(scan.end, bytes.length - 1));
      if (count === null) atEnd = true;
      else scan.end += count;
      // What is open is not looked through again for every few bytes of a slow source.
    } while (!atEnd && scan.end < bytes.length - 1 && open > SHORT && scan.end < 2 * open);
    if (isFirst && BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte)) start = 3;
    isFirst = false;
    return true;
  }

  function next(): Statement | undefined {
    while (start < scan.end) {
      const end = scanStatement(scan, start);
      if (end === scan.end && !atEnd) return openStatement();
      const statement = { start, end, cut: false };
      start = Math.min(end + 1, scan.end);
      open = 0;
      if (!skipping) return statement;
      skipping = false;
    }
    open = 0;
    return undefined;
  }

  /** The statement at hand is not complete, and what is read of it may be all that is shown. */
  function openStatement(): Statement | undefined {
    open = scan.end - start;
    if (skipping) start = forget(scan, start);
    else if (open >= limit) {
      skipping = true;
      return { start, end: scan.end, cut: true };
    }
    return undefined;
  }
}

/** Moves what is left to the front, and makes room for as much again. */
function makeRoom(scan: Scan, start: number, { limit }: { readonly limit: number }): void {
  const left = scan.bytes.subarray(start, scan.end);
  const room = scan.bytes.length - 1;
  if (left.length * 2 > room || room === 0) {
    const size = Math.min(Math.max(READ, 2 * room), limit);
    if (size > room) scan.bytes = new Uint8Array(size + 1);
  }
  scan.bytes.set(left);
  scan.end = left.length;
}

/** Leaves of a text only what is needed to go on with it, and returns where that starts. */
function forget({ bytes, version, open, resume }: Scan, start: number): number {
  // A comment could become a version comment by what comes next.
  const mark = new TextEncoder().encode(`${version ? "/*!" : ""}${open}${open === "/*" ? " " : ""}`);
  if (resume - mark.length <= start) return start;
  bytes.set(mark, resume - mark.length);
  return resume - mark.length;
}
