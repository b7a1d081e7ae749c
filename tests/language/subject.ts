import { assert, fail } from "@std/assert";
import {
  type Clause,
  compileExpression,
  explain,
  type Expression,
  type QuantityType,
  type Reading,
  type Readings,
  type Scope,
  type StatementText,
  type Subject,
  type Truth,
} from "../../src/language/mod.ts";
import { VOCABULARY } from "../../src/mysql/mod.ts";
import { Secret } from "../../src/text/secret.ts";

/** The limits that the expressions of these tests may name. */
export const LIMITS: ReadonlyMap<string, QuantityType> = new Map(
  [["lag", "duration"], ["hll", "number"], ["used", "percent"], ["size", "bytes"]] as const,
);

const LIMIT_VALUES = { lag: 30_000, hll: 1_000_000, used: 80, size: 1024 };

/** Problems of an expression as `offset: message`; none where it can be evaluated. */
export function problemsOf(source: string, scope: Scope = "session"): readonly string[] {
  const compiled = compileExpression(source, { vocabulary: VOCABULARY, scope, limits: LIMITS });
  return compiled.ok ? [] : compiled.problems.map(({ offset, message }) => `${offset}: ${message}`);
}

/** The expression; the test fails where there is something wrong with it. */
export function compile(source: string): Expression {
  const compiled = compileExpression(source, {
    vocabulary: VOCABULARY,
    scope: "session",
    limits: LIMITS,
  });
  if (!compiled.ok) fail(`${source}: ${compiled.problems.map(({ message }) => message).join("; ")}`);
  return compiled.expression;
}

/** Readings of a session and of its database, told apart by their names alone. */
export function subject(readings: Readings): Subject {
  return { limits: LIMIT_VALUES, database: readings, session: readings };
}

/** What an expression comes to. `explain` has to come to the same. */
export function truthOf(source: string, readings: Readings = {}): Truth {
  const expression = compile(source);
  const truth = expression.evaluate(subject(readings));
  assert(explain(expression, subject(readings)).truth === truth, `explain disagrees: ${source}`);
  return truth;
}

/** The clauses that decided. */
export function becauseOf(source: string, readings: Readings): readonly Clause[] {
  return explain(compile(source), subject(readings)).because;
}

/** A reading that could not be made. */
export const UNKNOWN: Reading = { unknown: "permission denied" };

/** The text of a statement, whole. */
export function statement(text: string): StatementText {
  return { text: new Secret(text), cut: false };
}

/** The beginning of a statement's text: the server kept no more. */
export function cutStatement(text: string): StatementText {
  return { text: new Secret(text), cut: true };
}
