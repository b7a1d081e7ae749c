export { type Aggregate, AGGREGATE_NAMES, AGGREGATES } from "./aggregate.ts";
export { type Constants, implies, whyNeverFalse, whyNeverTrue } from "./contradiction.ts";
export { crossingOf, shortestLimit } from "./crossing.ts";
export { BOUND_BEYOND, type Truth, TURNED } from "./evaluate.ts";
export { type Clause, explain } from "./explain.ts";
export { asksForValue, compileExpression, type Expression, valuesNamed } from "./expression.ts";
export type { ComparedText, Fault } from "./fault.ts";
export { misfitsOf } from "./misfit.ts";
export { compileMatches } from "./pattern.ts";
export { canSelectIdle, canSelectRunning, selectsEverybody } from "./possible.ts";
export { pressures } from "./pressure.ts";
export {
  formatQuantity,
  minutesMeant,
  parseQuantity,
  type Quantity,
  quantityPattern,
  type QuantityType,
  unitsOf,
  valueOfType,
} from "./quantity.ts";
export {
  greatestOf,
  isUnknown,
  leastOf,
  type Member,
  NOT_READ_YET,
  type Reading,
  type Readings,
  type StatementText,
  type Subject,
  type Unknown,
  type Value,
} from "./reading.ts";
export {
  clauseOf,
  type HiddenClause,
  hiddenClauses,
  type IsHidden,
  truthName,
  withRecordedTruths,
} from "./recorded.ts";
export { FORMS, TRUTHS } from "./reference.ts";
export { excludesOnly, looseClause } from "./shape.ts";
export { namesOf, type Node } from "./syntax.ts";
export {
  column,
  keyOf,
  type NameRow,
  type Scope,
  type Type,
  TYPE_WORDS,
  type Vocabulary,
  vocabularyOf,
} from "./vocabulary.ts";
