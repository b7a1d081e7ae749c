import fc from "fast-check";
import type { Reading, Readings, Truth } from "../../src/language/mod.ts";
import { UNKNOWN } from "./subject.ts";

/** An expression as it is written, and what it comes to by SQL's rules, worked out without a parser. */
export interface Sample {
  readonly source: string;
  truth(readings: Readings): Truth;
}

interface Operand<T> {
  readonly source: string;
  value(readings: Readings): T | undefined;
  /** What it is at least, where no value is known. */
  least?(readings: Readings): number | undefined;
}

/** Names of the language for each type that the samples use, with values small enough to meet. */
const NUMBERS = ["id", "hll", "threads_running"] as const;
const STRINGS = ["user", "host", "db"] as const;
const CONDITIONS = ["running", "idle", "replica"] as const;

function readingOf(value: fc.Arbitrary<Reading>): fc.Arbitrary<Reading> {
  return fc.oneof({ weight: 4, arbitrary: value }, fc.constant(UNKNOWN), fc.constant(NaN));
}

function readingsOf(names: readonly string[], value: fc.Arbitrary<Reading>): fc.Arbitrary<Readings> {
  const entries = names.map((name) => [name, readingOf(value)] as const);
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] });
}

/** What every name of the samples stands for; some is unknown, and some was not read. */
export const READINGS: fc.Arbitrary<Readings> = fc.tuple(
  readingsOf(
    NUMBERS,
    fc.oneof<fc.MaybeWeightedArbitrary<Reading>[]>(
      { weight: 3, arbitrary: fc.nat({ max: 3 }) },
      fc.nat({ max: 4 }).map((atLeast) => ({ unknown: "not all of it", atLeast })),
      fc.constant({ unknown: "nothing of it", atLeast: NaN }),
    ),
  ),
  readingsOf(STRINGS, fc.constantFrom("a", "b", "A")),
  readingsOf(CONDITIONS, fc.boolean()),
).map((parts) => Object.assign({}, ...parts));

function name<T extends Reading>(names: readonly string[], type: "number" | "string" | "boolean") {
  return fc.constantFrom(...names).chain((name) =>
    fc.constantFrom(name, name.toUpperCase()).map((source): Operand<T> => ({
      source,
      value: (readings) => {
        const reading = readings[name];
        return typeof reading === type && !Number.isNaN(reading) ? reading as T : undefined;
      },
      least: (readings) => {
        const reading = readings[name];
        return typeof reading === "object" && "atLeast" in reading ? reading.atLeast : undefined;
      },
    }))
  );
}

function literal<T>(values: fc.Arbitrary<T>, write: (value: T) => string): fc.Arbitrary<Operand<T>> {
  return values.map((value) => ({ source: write(value), value: () => value }));
}

const number = name<number>(NUMBERS, "number");
const string = name<string>(STRINGS, "string");
const condition = name<boolean>(CONDITIONS, "boolean");
const numberOrLiteral = fc.oneof(number, literal(fc.nat({ max: 3 }), String));
const stringOrLiteral = fc.oneof(
  string,
  literal(fc.constantFrom("a", "b", "'"), (text) => text === "'" ? '"\'"' : `'${text}'`),
);

const ORDER: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
  "=": (left, right) => left === right,
  "!=": (left, right) => left !== right,
  "<>": (left, right) => left !== right,
};

function lift<T>(test: (left: T, right: T) => boolean, left: T | undefined, right: T | undefined): Truth {
  return left === undefined || right === undefined ? undefined : test(left, right);
}

/** Every number that an operand may stand for, as far as it matters among numbers from 0 to 3. */
function possible({ value, least }: Operand<number>, readings: Readings): readonly number[] {
  const known = value(readings);
  if (known !== undefined) return [known];
  const from = least?.(readings) ?? Number.NaN;
  const first = Number.isNaN(from) ? -1 : from;
  return Array.from({ length: 20 }, (_, index) => first + index / 2);
}

/** What a comparison comes to, whatever the unknown is: true or false for all that it may be, else unknown. */
function compareAll(
  test: (left: number, right: number) => boolean,
  lefts: readonly number[],
  rights: readonly number[],
): Truth {
  const found = new Set(lefts.flatMap((left) => rights.map((right) => test(left, right))));
  return found.size === 1 ? found.has(true) : undefined;
}

const comparison: fc.Arbitrary<Sample> = fc.tuple(
  number,
  fc.constantFrom(...Object.keys(ORDER)),
  numberOrLiteral,
)
  .chain(([left, operator, right]) =>
    fc.boolean().map((swapped) => {
      const [first, second] = swapped ? [right, left] : [left, right];
      return {
        source: `${first.source} ${operator} ${second.source}`,
        truth: (readings) =>
          compareAll(ORDER[operator]!, possible(first, readings), possible(second, readings)),
      };
    })
  );

function negate(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

function some(truths: readonly Truth[]): Truth {
  return truths.includes(true) ? true : truths.includes(undefined) ? undefined : false;
}

const membership: fc.Arbitrary<Sample> = fc.record({
  operand: string,
  list: fc.array(stringOrLiteral, { minLength: 1, maxLength: 3 }),
  negated: fc.boolean(),
}).map(({ operand, list, negated }) => ({
  source: `${operand.source} ${negated ? "not " : ""}in (${list.map(({ source }) => source).join(",")})`,
  truth: (readings) => {
    const found = some(
      list.map((item) => lift((a, b) => a === b, operand.value(readings), item.value(readings))),
    );
    return negated ? negate(found) : found;
  },
}));

const likeness: fc.Arbitrary<Sample> = fc.record({
  operand: string,
  pattern: fc.constantFrom("a", "_", "%"),
  negated: fc.boolean(),
}).map(({ operand, pattern, negated }) => ({
  source: `${operand.source} ${negated ? "not " : ""}like '${pattern}'`,
  truth: (readings) => {
    const text = operand.value(readings);
    const like = text === undefined ? undefined : pattern !== "a" || text.toLowerCase() === "a";
    return negated ? negate(like) : like;
  },
}));

const knowledge: fc.Arbitrary<Sample> = fc.tuple(fc.oneof(number, string, condition), fc.boolean())
  .map(([operand, known]) => ({
    source: `${operand.source} is ${known ? "known" : "UNKNOWN"}`,
    truth: (readings) => (operand.value(readings) !== undefined) === known,
  }));

const bare: fc.Arbitrary<Sample> = fc.oneof(
  condition.map(({ source, value }) => ({ source, truth: value })),
  fc.constant({ source: "always", truth: () => true }),
  fc.constant({ source: "false", truth: () => false }),
);

/** Expressions of every kind, with parentheses where the tree needs them, and spaces of many kinds. */
export const SAMPLES: fc.Arbitrary<Sample> = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.oneof(comparison, membership, likeness, knowledge, bare),
    tie("sample").map(({ source, truth }): Sample => ({
      source: `not (${source})`,
      truth: (readings) => negate(truth(readings)),
    })),
    fc.tuple(
      tie("sample"),
      fc.constantFrom("and", "AND", "or"),
      tie("sample"),
      fc.constantFrom(" ", "\n", " \t "),
    )
      .map(([left, operator, right, space]): Sample => ({
        source: [`(${left.source})`, operator, `(${right.source})`].join(space),
        truth: (readings) => {
          const truths = [left.truth(readings), right.truth(readings)];
          return operator === "or" ? some(truths) : negate(some(truths.map(negate)));
        },
      })),
  ),
})).sample;
