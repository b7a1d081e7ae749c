import type { Units } from "./units.ts";

/** The mark of an introducer in what is a digest already. */
export const INTRODUCER = "(_charset)";

/** The operators of one character, of two and of three. */
const [SINGLES, PAIRS, TRIPLES] = [
  [..."-+*/%^~!|&<>=(),;:.{}[]"],
  "-> := << >> <= >= <> != !! || &&".split(" "),
  "<=> ->> ...".split(" "),
] as const;

/** All operators. */
export const OPERATORS: readonly string[] = [...SINGLES, ...PAIRS, ...TRIPLES, INTRODUCER];

/** By the code of an ASCII character: 1 for an operator, 2 for one that may be longer. */
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (!SINGLES.includes(character)) return 0;
  return OPERATORS.some((operator) => operator.length > 1 && operator[0] === character) ? 2 : 1;
});

/** The offset after the operator at `at`; `at` itself if there is none. */
export function operatorEnd(text: Units, at: number): number {
  const { units } = text;
  const kind = KINDS[units[at]!];
  if (kind === 1) return at + 1;
  if (kind !== 2) return at;
  // Most are followed by a space, a name or a literal.
  const next = KINDS[units[at + 1]!];
  if (next !== 1 && next !== 2 && units[at + 1] !== UNDERSCORE) return at + 1;
  const { sql } = text;
  if (TRIPLES.includes(sql.slice(at, at + 3))) return at + 3;
  if (PAIRS.includes(sql.slice(at, at + 2))) return at + 2;
  return sql.startsWith(`${INTRODUCER} ?`, at) ? at + INTRODUCER.length : at + 1;
}

const UNDERSCORE = 95;
