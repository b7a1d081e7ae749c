import {
  clear,
  finish,
  isNullPlace,
  isPositionPlace,
  isSignPlace,
  newSkeleton,
  pushBy,
  pushByte,
  pushClose,
  pushComma,
  pushLiteral,
  pushOpen,
  pushSpace,
} from "./skeleton.ts";
import type { Scan } from "./scan_state.ts";
import { readLine, readSlash } from "./scan_comment.ts";
import { plainNumberEnd } from "./scan_number.ts";
import { isRuledOut } from "./scan_rival.ts";
import { isWordAt } from "./word_byte.ts";

/** Nothing to read yet. */
export function newScan(): Scan {
  const bytes = new Uint8Array(1);
  const skeleton = newSkeleton();
  return {
    bytes,
    end: 0,
    skeleton,
    commented: false,
    escaped: false,
    odd: false,
    version: false,
    open: "",
    resume: 0,
  };
}

// Codes and tables are not imported: what a module exports is no constant to the compiler (V8 15: twice the time).
const [SPACE, DOUBLE_QUOTE, HASH, QUOTE, OPEN, CLOSE, STAR, PLUS] = [32, 34, 35, 39, 40, 41, 42, 43] as const;
const [COMMA, MINUS, DOT, SLASH, ZERO, SEMICOLON, EQUALS] = [44, 45, 46, 47, 48, 59, 61] as const;
const [QUESTION_MARK, AT, LETTER_N, BRACKET, BACKSLASH, BACK_QUOTE, DELETE] = [
  63,
  64,
  78,
  91,
  92,
  96,
  127,
] as const;

/** What a byte of UTF-8 begins outside of quotes and comments: {@linkcode KINDS}. */
const [OTHER, WORD, DIGIT, WHITE] = [0, 1, 2, 3] as const;

/** The kind of each byte; as in number.ts whatever is not ASCII is a character of a word. */
const KINDS = Uint8Array.from({ length: 256 }, (_, code) => {
  if (code === SPACE || (code >= 9 && code <= 13)) return WHITE;
  const character = String.fromCharCode(code);
  return /[0-9]/.test(character) ? DIGIT : code >= 128 || /[A-Za-z_$]/.test(character) ? WORD : OTHER;
});

/** 1 for the bytes of words, digits too. */
const IN_WORD = KINDS.map((kind) => kind === WORD || kind === DIGIT ? 1 : 0);

/** 1 for what directly behind a literal depends on which kind of literal that is. */
const GLUED = IN_WORD.map((inWord, code) => inWord || "'\"`@.".includes(String.fromCharCode(code)) ? 1 : 0);

const NULL = [..."null"].map((letter) => letter.charCodeAt(0));
const BY = [..."by"].map((letter) => letter.charCodeAt(0));

/**
 * Reads the statement that starts at `start`. Returns the offset of its ";", or the end of the text, where `open` tells
 * what is open.
 */
export function scanStatement(scan: Scan, start: number): number {
  const { bytes, end, skeleton } = scan;
  clear(skeleton);
  scan.commented = false;
  scan.escaped = false;
  scan.odd = false;
  scan.version = false;
  scan.open = "";
  scan.resume = end;
  bytes[end] = SEMICOLON;
  let at = start;
  for (;;) {
    const byte = bytes[at]!;
    const kind = KINDS[byte];
    if (kind === WORD) at = readWord(scan, at);
    else if (kind === WHITE) at = readSpace(scan, at);
    else if (kind === DIGIT) at = readNumber(scan, at);
    else if (byte === SEMICOLON) break;
    else at = readMark(scan, at, byte);
  }
  finish(skeleton);
  if (scan.open !== "" && scan.open !== "#") skeleton.plain = false;
  // As in reading.ts: the text must make sense under the default sql_mode alone.
  if (scan.escaped && skeleton.plain) {
    skeleton.plain = !scan.odd && isRuledOut({ bytes, end: at }, start);
  }
  return at;
}

function readSpace({ bytes, skeleton }: Scan, start: number): number {
  let at = start + 1;
  while (KINDS[bytes[at]!] === WHITE) at++;
  pushSpace(skeleton);
  return at;
}

function readWord({ bytes, skeleton }: Scan, start: number): number {
  const { text } = skeleton;
  let { length } = skeleton;
  let at = start;
  do text[length++] = bytes[at++]!; while (IN_WORD[bytes[at]!] === 1);
  if (at - start === 4 && isNullPlace(skeleton) && isWordAt(bytes, start, NULL) && bytes[at] !== DOT) {
    return readLiteral({ bytes, skeleton }, at, ZERO);
  }
  skeleton.length = length;
  if (at - start === 2 && isWordAt(bytes, start, BY)) pushBy(skeleton);
  else skeleton.last = "other";
  return at;
}

/** Appends a literal that ends at `end`. One that is left out must not have been apart from what follows. */
function readLiteral(
  { bytes, skeleton }: Pick<Scan, "bytes" | "skeleton">,
  end: number,
  mark: number,
): number {
  if (skeleton.last === "literals ," && GLUED[bytes[end]!] === 1) skeleton.plain = false;
  pushLiteral(skeleton, mark);
  return end;
}

function readNumber(scan: Scan, start: number): number {
  const { bytes, skeleton } = scan;
  const end = plainNumberEnd(bytes, start);
  if (end > 0 && !isPositionPlace(skeleton)) return readLiteral(scan, end, ZERO);
  // As it is: the position of a column, a word that begins with a digit, or a number of another form.
  let at = start;
  do pushByte(skeleton, bytes[at++]!); while (IN_WORD[bytes[at]!] === 1 || bytes[at] === DOT);
  const exponent = (bytes[at - 1]! | 32) === 101 && (bytes[at] === MINUS || bytes[at] === PLUS);
  if (exponent) skeleton.plain = false;
  return at;
}

function readMark(scan: Scan, at: number, byte: number): number {
  const { bytes, skeleton } = scan;
  switch (byte) {
    case QUOTE:
    case DOUBLE_QUOTE:
      return readLiteral(scan, stringEnd(scan, at, byte), byte);
    case COMMA:
      pushComma(skeleton);
      return at + 1;
    case OPEN:
      pushOpen(skeleton);
      return at + 1;
    case CLOSE:
      pushClose(skeleton);
      return at + 1;
    case BACK_QUOTE:
      return readName(scan, at);
    case EQUALS:
      pushByte(skeleton, byte);
      skeleton.last = "=";
      return at + 1;
    case QUESTION_MARK:
      return readLiteral(scan, at + 1, byte);
    case MINUS:
      return readMinus(scan, at);
    case SLASH:
      return readSlash(scan, at);
    case HASH:
      return readLine(scan, at);
    case AT:
      return readVariable(scan, at);
    case STAR:
      if (scan.version && bytes[at + 1] === SLASH) {
        scan.version = false;
        return at + 2;
      }
      if (at + 1 === scan.end) scan.resume = at;
      break;
    case BRACKET:
      skeleton.plain = false; // what it is depends on the sql_mode, and on how long it is (token.ts)
      break;
    case BACKSLASH:
      scan.odd = true;
      pushByte(skeleton, byte);
      if (bytes[at + 1] !== LETTER_N) return at + 1;
      pushByte(skeleton, LETTER_N); // another name of NULL; what comes next is no part of a word
      return at + 2;
    case PLUS:
      if (skeleton.last !== "," && skeleton.last !== "row ,") break; // it may stand in front of a position
      skeleton.text[skeleton.length++] = byte;
      return at + 1;
  }
  pushByte(skeleton, byte);
  return at + 1;
}

/** The offset after the string at `start`. */
function stringEnd(scan: Scan, start: number, quote: number): number {
  const { bytes, end } = scan;
  let at = start + 1;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === BACKSLASH) {
      // Where it ends depends on the sql_mode, of which more than one has another rule for double quotes.
      if (bytes[at + 1] === quote) {
        scan.escaped = true;
        if (quote === DOUBLE_QUOTE) scan.odd = true;
      }
      if (at + 1 === end) break;
      at += 2;
    } else if (byte !== quote) at++;
    else if (bytes[at + 1] === quote) at += 2;
    else if (at + 1 === end) break;
    else {
      if (IN_WORD[bytes[at + 1]!] === 1 || bytes[at + 1] === DOT) scan.odd = true;
      return at + 1;
    }
  }
  scan.open = quote === QUOTE ? "'" : '"';
  scan.resume = at;
  return end;
}

/** An identifier in back quotes. */
function readName(scan: Scan, start: number): number {
  const { bytes, end, skeleton } = scan;
  let at = start;
  do pushByte(skeleton, bytes[at++]!); while (at < end && bytes[at] !== BACK_QUOTE);
  if (at >= end) {
    scan.open = "`";
    scan.resume = end;
    return end;
  }
  pushByte(skeleton, BACK_QUOTE);
  // A doubled one goes on; it is read as the start of another, which ends where this one does.
  return at + 1;
}

function readMinus(scan: Scan, at: number): number {
  const { bytes, skeleton } = scan;
  const next = bytes[at + 1]!;
  if (next === MINUS) {
    const third = bytes[at + 2]!;
    if (third <= SPACE || third === DELETE) return readLine(scan, at);
    // In front of a comment it must not become the start of one, nor at the end of the text.
    skeleton.plain = false;
    if (at + 2 === scan.end) scan.resume = at;
  } else if (KINDS[next] === DIGIT && isSignPlace(skeleton)) {
    const end = plainNumberEnd(bytes, at + 1);
    if (end > 0) return readLiteral(scan, end, ZERO);
  } else if (at + 1 === scan.end) scan.resume = at;
  pushByte(skeleton, MINUS);
  return at + 1;
}

/** The variable `@name`, or the "@@" of a system variable; a quoted name is what follows. */
function readVariable({ bytes, skeleton }: Scan, start: number): number {
  let at = start;
  do pushByte(skeleton, bytes[at++]!); while (IN_WORD[bytes[at]!] === 1 || bytes[at] === DOT);
  if (at === start + 1 && (bytes[at] === AT || bytes[at] === QUESTION_MARK)) pushByte(skeleton, bytes[at++]!);
  return at;
}
