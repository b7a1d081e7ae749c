import type { Clauses } from "./block.ts";
import { type Code, isOperator, isWord, type Range } from "./code.ts";
import { Refusal } from "./refusal.ts";

/** The clauses in their order; the words behind some of them. */
const ORDER = ["items", "from", "where", "group", "having", "order", "limit"] as const;

type Clause = typeof ORDER[number];

/** Words outside of parentheses that no query may have here. */
const REFUSED: ReadonlySet<string> = new Set(
  "into procedure window fetch qualify with values table returning".split(" "),
);

const SET_OPERATIONS: ReadonlySet<string> = new Set(["union", "except", "intersect", "minus"]);

/** Words behind SELECT that change how it is run, not what it gives: none of them is supported. */
const MODIFIERS: ReadonlySet<string> = new Set(
  `high_priority straight_join sql_small_result sql_big_result sql_buffer_result sql_no_cache sql_cache
  sql_calc_found_rows`.split(/\s+/),
);

/** The parts of a UNION, each from its SELECT on. */
export function splitUnion(code: Code, { from, to }: Range): readonly Range[] {
  const { pieces } = code;
  const parts: Range[] = [];
  let start = from;
  for (let at = from; at < to; at++) {
    const piece = pieces[at]!;
    if (piece.pair > at) at = piece.pair;
    else if (piece.kind === "word" && SET_OPERATIONS.has(piece.text) && !isOperator(pieces[at - 1], ".")) {
      parts.push({ from: start, to: at });
      start = isWord(pieces[at + 1], "all") || isWord(pieces[at + 1], "distinct") ? at + 2 : at + 1;
    }
  }
  parts.push({ from: start, to });
  for (const { from } of parts) {
    if (!isWord(pieces[from], "select")) {
      throw new Refusal("a query in parentheses, or no SELECT, is part of a UNION");
    }
  }
  return parts;
}

/** The clauses of a query that begins with SELECT. */
export function clausesOf(code: Code, { from, to }: Range): Clauses {
  const { pieces } = code;
  const { distinct, start } = modifiers(code, from + 1);
  const found: Partial<Record<Clause, Range>> = {};
  let [clause, begun, locking]: [Clause, number, Range | undefined] = ["items", start, undefined];
  let at = start;
  for (; at < to; at++) {
    const piece = pieces[at]!;
    if (piece.pair > at) {
      at = piece.pair;
      continue;
    }
    if (piece.kind !== "word" || isOperator(pieces[at - 1], ".")) continue;
    if (REFUSED.has(piece.text) && !isOperator(pieces[at + 1], "(")) {
      throw new Refusal(`${piece.text.toUpperCase()} is not supported here`);
    }
    // MariaDB: OFFSET 5 ROWS, without LIMIT.
    if (piece.text === "offset" && clause !== "limit" && pieces[at + 1]?.kind === "number") {
      throw new Refusal("OFFSET without LIMIT is not supported");
    }
    if (isLocking(code, at, to)) {
      locking = { from: at, to };
      break;
    }
    const rank = ORDER.indexOf(piece.text as Clause);
    if (rank < 1) continue;
    if (rank <= ORDER.indexOf(clause)) {
      throw new Refusal(`${piece.text.toUpperCase()} stands where it cannot`);
    }
    found[clause] = { from: begun, to: at };
    clause = piece.text as Clause;
    if (clause === "group" || clause === "order") {
      if (!isWord(pieces[++at], "by")) throw new Refusal(`BY is missing behind ${clause.toUpperCase()}`);
    }
    begun = at + 1;
  }
  found[clause] = { from: begun, to: Math.min(at, to) };
  for (const [name, range] of Object.entries(found)) {
    if (range.from >= range.to) {
      throw new Refusal(name === "items" ? "SELECT has no columns" : `${name.toUpperCase()} is empty`);
    }
  }
  return { ...found, distinct, items: found.items!, ...locking && { locking } };
}

function modifiers({ pieces }: Code, start: number): { readonly distinct: boolean; readonly start: number } {
  let distinct = false;
  let at = start;
  for (;; at++) {
    const piece = pieces[at];
    if (isWord(piece, "distinct") || isWord(piece, "distinctrow")) distinct = true;
    else if (piece?.kind === "word" && MODIFIERS.has(piece.text)) {
      throw new Refusal(`${piece.text.toUpperCase()} is not supported`);
    } else if (!isWord(piece, "all")) return { distinct, start: at };
  }
}

/** FOR UPDATE, FOR SHARE, LOCK IN SHARE MODE: all else behind these words is refused. */
function isLocking({ pieces }: Code, at: number, to: number): boolean {
  const { text } = pieces[at]!;
  if (text === "for") {
    // USE INDEX FOR JOIN is no part of this.
    const isEnd = to === at + 2 && (isWord(pieces[at + 1], "update") || isWord(pieces[at + 1], "share"));
    if (!isEnd) throw new Refusal("FOR is supported as FOR UPDATE and FOR SHARE, at the end");
    return true;
  }
  if (text !== "lock") return false;
  const words = ["in", "share", "mode"];
  if (to !== at + 4 || !words.every((word, index) => isWord(pieces[at + 1 + index], word))) {
    throw new Refusal("LOCK is supported as LOCK IN SHARE MODE, at the end");
  }
  return true;
}
