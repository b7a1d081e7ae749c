import { type Aggregate, AGGREGATE_NAMES } from "./aggregate.ts";
import type { CompareOperator } from "./syntax.ts";
import type { Keyword } from "./token.ts";

/** A form of the language: its syntax and its meaning. */
export interface Form {
  readonly form: string;
  readonly meaning: string;
}

const CONNECTED: Form = {
  form: "A and B, A or B, not A",
  meaning: "“not” binds closest, then “and”; ( ) group",
};
const COMPARED: Form = { form: "=, !=, <>, <, <=, >, >=", meaning: "compares two values of one type" };
const LISTED: Form = { form: "V [not] in (A, B, …)", meaning: "is one of these values" };
const LIKE: Form = {
  form: "V [not] like 'P'",
  meaning: "% stands for any text, _ for one character; ignores letter case",
};
const MATCHES: Form = {
  form: "V [not] matches 'R'",
  meaning: "a regular expression in RE2 syntax, anywhere in the text; takes linear time",
};
const KNOWN: Form = { form: "V is known, V is unknown", meaning: "whether it could be read" };
const AGGREGATED: Form = {
  form: `${AGGREGATE_NAMES.join("(V), ")}(V)`,
  meaning: "over a group of shards; `count` takes a condition too. Unknown if one shard's value is",
};
const CONSTANT: Form = { form: "always, true, false", meaning: "conditions by themselves" };

/** The form that each keyword and operator belongs to. A new keyword needs a new row here. */
const FORMS_BY_WORD: Readonly<Record<Keyword | CompareOperator | Aggregate, Form>> = {
  and: CONNECTED,
  or: CONNECTED,
  not: CONNECTED,
  "=": COMPARED,
  "!=": COMPARED,
  "<": COMPARED,
  "<=": COMPARED,
  ">": COMPARED,
  ">=": COMPARED,
  in: LISTED,
  like: LIKE,
  matches: MATCHES,
  is: KNOWN,
  known: KNOWN,
  unknown: KNOWN,
  sum: AGGREGATED,
  avg: AGGREGATED,
  min: AGGREGATED,
  max: AGGREGATED,
  count: AGGREGATED,
  always: CONSTANT,
  true: CONSTANT,
  false: CONSTANT,
};

/** Every form of a condition. */
export const FORMS: readonly Form[] = [...new Set(Object.values(FORMS_BY_WORD))];

/** What is true of all conditions, one paragraph each. */
export const TRUTHS: readonly string[] = [
  "A condition is true, false or unknown, as in SQL. What could not be read is unknown, and so is a " +
  "comparison with it: unknown and false is false, unknown or true is true, not unknown is unknown.",
  "Of what can be read in part only, that part decides where it can: with one channel 45s behind and another " +
  "stopped, lag is unknown, and lag > 30s is true.",
  "`when`, `until` and `where` act only on true. `protect` protects unless it is false.",
  "Of a statement that the server shows cut, only a match within what it shows counts.",
];
