import { type Aggregate, AGGREGATE_NAMES } from "./aggregate.ts";
import { FOREIGN_WORDS } from "./foreign.ts";
import { didYouMean, quoted } from "../text/nearest.ts";
import { isUnit } from "./quantity.ts";
import type { CompareOperator, Node } from "./syntax.ts";
import { ExpressionError, type Keyword, type Span, type Token, tokenize } from "./token.ts";

/** The deepest nesting of parentheses and `not`. Anything deeper is a mistake, or an attempt to overflow the stack. */
const MAX_DEPTH = 100;
/** The most characters in an expression. A chain of `and` makes a tree as deep as the chain is long. */
const MAX_LENGTH = 10_000;

/**
 * Reads an expression by this grammar, loosest first:
 *
 *     or: and ("or" and)* · and: not ("and" not)* · not: "not" not | test
 *     test: primary [compare primary | ["not"] in (…) | ["not"] like '…' | ["not"] matches '…' | is [un]known]
 *     primary: name | number | string | true | false | always | aggregate "(" or ")" | "(" or ")"
 *
 * @throws {ExpressionError} At the first place where the text cannot be an expression.
 */
export function parse(source: string): Node {
  if (source.length > MAX_LENGTH) {
    throw new ExpressionError(
      MAX_LENGTH,
      `the expression is too long, expected ${MAX_LENGTH} characters at most: found ${source.length}`,
    );
  }
  const reader = new TokenReader(source);
  if (reader.peek().kind === "end") throw new ExpressionError(0, "expected an expression: found nothing");
  const node = parseOr(reader);
  const rest = reader.peek();
  if (rest.kind !== "end") reader.fail('expected "and", "or" or the end');
  return node;
}

class TokenReader {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
  }

  next(): Token {
    const token = this.peek();
    this.#at++;
    return token;
  }

  /** The span from `start` to the end of the last token taken, with the parentheses around operands. */
  spanFrom(start: number): Span {
    return { start, end: this.#tokens[this.#at - 1]!.end };
  }

  /** Takes the next token if it is this keyword or symbol. */
  take(text: Keyword | "(" | ")" | ","): Token | undefined {
    const token = this.peek();
    const matches = token.kind === "keyword" && token.word === text ||
      token.kind === "symbol" && token.symbol === text;
    return matches ? this.next() : undefined;
  }

  fail(expected: string): never {
    const { kind, start, end } = this.peek();
    const found = kind === "end" ? "the end" : quoted(this.#source.slice(start, end));
    const [before, next] = [this.#tokens[this.#at - 1], this.peek(1)];
    throw new ExpressionError(start, `${meantBy(this.peek(), before, next) ?? expected}: found ${found}`);
  }
}

/** What to write instead of a word that the language does not have, if that is known. */
function meantBy(token: Token, before: Token | undefined, next: Token): string | undefined {
  const isNot = isKeyword(token, "not");
  const word = nameOf(isNot ? next : token);
  if (before !== undefined && isKeyword(before, "is")) {
    if (word === "null") {
      return isNot
        ? "nothing is NULL here, write \"is known\", or != '' for what is there"
        : "nothing is NULL here, write \"is unknown\", or = '' for what is absent";
    }
    if (isNot) return undefined;
    return token.kind === "string" || word !== undefined ? 'write "=" to compare' : undefined;
  }
  if (token.kind === "symbol" && token.symbol === "(" && before?.kind === "name") {
    const near = didYouMean(before.name, AGGREGATE_NAMES);
    return near === ""
      ? 'there are no functions, and "like" ignores the case of letters'
      : `there is no such function${near}`;
  }
  if (before?.kind === "quantity" && word !== undefined && !isNot && isUnit(word)) {
    return "write a number and its unit without a blank between them";
  }
  return word === undefined ? undefined : FOREIGN_WORDS.get(word);
}

function isKeyword(token: Token, word: Keyword): boolean {
  return token.kind === "keyword" && token.word === word;
}

function nameOf(token: Token): string | undefined {
  return token.kind === "name" ? token.name : undefined;
}

function parseOr(reader: TokenReader): Node {
  return parseChain(reader, "or", (reader) => parseChain(reader, "and", parseNot));
}

function parseChain(
  reader: TokenReader,
  kind: "and" | "or",
  parseOperand: (reader: TokenReader) => Node,
): Node {
  const { start } = reader.peek();
  let left = parseOperand(reader);
  while (reader.take(kind)) {
    const right = parseOperand(reader);
    left = { kind, left, right, ...reader.spanFrom(start) };
  }
  return left;
}

function parseNot(reader: TokenReader): Node {
  const token = reader.take("not");
  if (token === undefined) return parseTest(reader);
  return nested(reader, token, () => {
    const operand = parseNot(reader);
    return { kind: "not", operand, ...reader.spanFrom(token.start) };
  });
}

function nested(reader: TokenReader, token: Token, parseInner: () => Node): Node {
  if (++reader.depth > MAX_DEPTH) {
    throw new ExpressionError(
      token.start,
      `the expression is nested too deeply: more than ${MAX_DEPTH} levels`,
    );
  }
  const node = parseInner();
  reader.depth--;
  return node;
}

/** The operand in front of a test, and where it starts, including its parenthesis. */
interface Operand {
  readonly node: Node;
  readonly start: number;
}

function parseTest(reader: TokenReader): Node {
  const { start } = reader.peek();
  const operand: Operand = { start, node: parsePrimary(reader) };
  const compared = parseComparison(reader, operand);
  if (compared !== undefined) {
    if (isComparison(reader.peek())) {
      reader.fail('comparisons cannot be chained, join two of them with "and"');
    }
    return compared;
  }
  if (reader.take("is")) return parseKnown(reader, operand);
  const negated = isNegatedTest(reader) && reader.take("not") !== undefined;
  if (reader.take("in")) return parseList(reader, operand, negated);
  if (reader.take("like")) return parsePattern(reader, operand, { kind: "like", negated });
  if (reader.take("matches")) return parsePattern(reader, operand, { kind: "matches", negated });
  return operand.node;
}

function isComparison(token: Token): boolean {
  return token.kind === "symbol" && !["(", ")", ","].includes(token.symbol);
}

function isNegatedTest(reader: TokenReader): boolean {
  const [not, test] = [reader.peek(), reader.peek(1)];
  return not.kind === "keyword" && not.word === "not" &&
    test.kind === "keyword" && ["in", "like", "matches"].includes(test.word);
}

function parseComparison(reader: TokenReader, { node: left, start }: Operand): Node | undefined {
  const token = reader.peek();
  if (token.kind !== "symbol" || !isComparison(token)) return undefined;
  reader.next();
  const right = parsePrimary(reader);
  const operator = (token.symbol === "<>" ? "!=" : token.symbol) as CompareOperator;
  return { kind: "compare", operator, left, right, ...reader.spanFrom(start) };
}

function parseKnown(reader: TokenReader, { node: operand, start }: Operand): Node {
  const token = reader.take("known") ?? reader.take("unknown");
  if (token === undefined) reader.fail('expected "known" or "unknown" after "is"');
  const known = token.kind === "keyword" && token.word === "known";
  return { kind: "known", operand, known, ...reader.spanFrom(start) };
}

function parseList(reader: TokenReader, { node: operand, start }: Operand, negated: boolean): Node {
  if (!reader.take("(")) reader.fail('expected "(" after "in"');
  const list = [parsePrimary(reader)];
  while (reader.take(",")) list.push(parsePrimary(reader));
  if (!reader.take(")")) reader.fail('expected "," or ")"');
  return { kind: "in", operand, negated, list, ...reader.spanFrom(start) };
}

function parsePattern(
  reader: TokenReader,
  { node: operand, start }: Operand,
  test: { readonly kind: "like" | "matches"; readonly negated: boolean },
): Node {
  const token = reader.peek();
  if (token.kind !== "string") reader.fail(`expected a quoted pattern after "${test.kind}"`);
  reader.next();
  const { value: pattern, start: patternStart } = token;
  return { ...test, operand, pattern, patternStart, ...reader.spanFrom(start) };
}

function parsePrimary(reader: TokenReader): Node {
  const token = reader.peek();
  const { start, end } = token;
  switch (token.kind) {
    case "name": {
      reader.next();
      const aggregate = AGGREGATE_NAMES.find((name) => name === token.name);
      const open = aggregate && reader.take("(");
      return aggregate === undefined || open === undefined
        ? { kind: "name", name: token.name, start, end }
        : parseAggregate(reader, { start, aggregate, open });
    }
    case "quantity":
      reader.next();
      return { kind: "quantity", quantity: token.quantity, start, end };
    case "string":
      reader.next();
      return { kind: "string", value: token.value, start, end };
    case "keyword":
      if (token.word === "true" || token.word === "false" || token.word === "always") {
        reader.next();
        return {
          kind: "boolean",
          value: token.word !== "false",
          always: token.word === "always",
          start,
          end,
        };
      }
      break;
    case "symbol":
      if (token.symbol === "(") return parseParentheses(reader);
  }
  return reader.fail("expected a name, a value or an expression in parentheses");
}

function parseParentheses(reader: TokenReader): Node {
  return parseEnclosed(reader, reader.next());
}

function parseAggregate(
  reader: TokenReader,
  { start, aggregate, open }: { readonly start: number; readonly aggregate: Aggregate; readonly open: Token },
): Node {
  const operand = parseEnclosed(reader, open);
  return { kind: "aggregate", aggregate, operand, ...reader.spanFrom(start) };
}

/** What is between parentheses, the first of which has been taken. */
function parseEnclosed(reader: TokenReader, open: Token): Node {
  return nested(reader, open, () => {
    const inner = parseOr(reader);
    if (!reader.take(")")) {
      if (reader.peek().kind === "end") {
        throw new ExpressionError(open.start, 'the parenthesis is not closed: found "("');
      }
      reader.fail('expected "and", "or" or ")"');
    }
    return inner;
  });
}
