import { type Code, isOperator, isWord, type Range, unwrapped } from "./code.ts";
import { isKeyword } from "./from.ts";

/**
 * The parts of a condition of which each has to be true for the whole to be true. None where the whole is not a chain of AND:
 * under OR, XOR and NOT nothing is certain.
 */
export function conjunctsOf(code: Code, range: Range): readonly Range[] {
  const found: Range[] = [];
  addConjuncts(code, range, found);
  return found;
}

function addConjuncts(code: Code, range: Range, found: Range[]): void {
  const whole = unwrapped(code, range);
  const parts = splitAnd(code, whole);
  if (parts === undefined) return;
  if (parts.length === 1) found.push(whole);
  else for (const part of parts) addConjuncts(code, part, found);
}

function splitAnd({ pieces }: Code, { from, to }: Range): readonly Range[] | undefined {
  const parts: Range[] = [];
  let [start, between, cases, ends, nested] = [from, 0, 0, 0, 0];
  for (let at = from; at < to; at++) {
    const piece = pieces[at]!;
    if (piece.pair > at) {
      at = piece.pair;
      continue;
    }
    if (piece.kind !== "word" && piece.kind !== "operator") continue;
    if (piece.kind === "word" && isOperator(pieces[at - 1], ".")) continue;
    switch (piece.text) {
      case "case":
        cases++;
        nested++;
        break;
      case "end":
        ends++;
        nested--;
        break;
      case "between":
        if (nested === 0) between++;
        break;
      case "interval":
        // INTERVAL a AND b DAY: the AND is its own.
        if (nested === 0 && !isPlainInterval(pieces, at + 1)) return undefined;
        break;
      case "or":
      case "xor":
      case "||":
        if (nested === 0) return undefined;
        break;
      case "and":
      case "&&":
        if (nested !== 0) break;
        // The first AND behind BETWEEN is its own.
        if (between > 0 && piece.text === "and") between--;
        else if (between > 0) return undefined;
        else {
          parts.push({ from: start, to: at });
          start = at + 1;
        }
    }
  }
  // A column may be called "end": then it is not certain where a CASE ends.
  if (cases !== ends || between !== 0) return undefined;
  parts.push({ from: start, to });
  return parts;
}

/** Whether one operand stands behind INTERVAL, and its unit right behind that: no operator is part of it. */
function isPlainInterval(pieces: Code["pieces"], from: number): boolean {
  let at = isOperator(pieces[from], "-") ? from + 1 : from;
  if (!isOperator(pieces[at], "(")) {
    const piece = pieces[at++];
    if (piece === undefined || piece.kind === "operator") return false;
    // NOT and its like have an operand of their own.
    const isNamed = isOperator(pieces[at], ".") || isOperator(pieces[at], "(");
    if (piece.kind === "word" && !isNamed && isKeyword(piece.text)) return false;
    while (isOperator(pieces[at], ".")) at += 2;
  }
  if (isOperator(pieces[at], "(")) at = pieces[at]!.pair + 1;
  const unit = pieces[at];
  return unit?.kind === "word" && UNITS.test(unit.text);
}

const UNITS =
  /^(?:microsecond|second|minute|hour|day|week|month|quarter|year|(?:second|minute|hour|day)_microsecond|(?:minute|hour|day)_second|(?:hour|day)_minute|day_hour|year_month)$/;

/** Both sides of `a = b`, where that is all; also of `a <=> b`. */
export function equationOf({ pieces }: Code, { from, to }: Range): readonly [Range, Range] | undefined {
  let sign = -1;
  for (let at = from; at < to; at++) {
    const piece = pieces[at]!;
    if (piece.kind === "string" || piece.kind === "number" || piece.kind === "name") continue;
    if (piece.kind === "operator") {
      if (piece.text === "=" || piece.text === "<=>") {
        if (sign >= 0) return undefined;
        sign = at;
      } else if (piece.text !== "." && piece.text !== "-") return undefined;
    }
  }
  if (sign < 0) return undefined;
  return [{ from, to: sign }, { from: sign + 1, to }];
}

/** The column and the list of `column IN (…)`, where that is all. */
export function membershipOf({ pieces }: Code, { from, to }: Range): readonly [Range, Range] | undefined {
  const last = pieces[to - 1];
  if (last === undefined || !isOperator(last, ")")) return undefined;
  const open = last.pair;
  if (open - 1 <= from || !isWord(pieces[open - 1], "in")) return undefined;
  return [{ from, to: open - 1 }, { from: open + 1, to: to - 1 }];
}
