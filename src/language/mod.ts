export { COMMANDS } from "./command.ts";
export { isDumpProgram, mayHoldDump } from "./dump_program.ts";
export {
  asksForValue,
  type Compiled,
  compileExpression,
  type Expression,
  valuesNamed,
} from "./expression.ts";
export { BOUND_BEYOND, type Condition, type Truth, TURNED } from "./evaluate.ts";
export { type Clause, explain, type Explanation } from "./explain.ts";
export { type Constants, implies, whyNeverFalse, whyNeverTrue } from "./contradiction.ts";
export { type Misfit, misfitsOf } from "./misfit.ts";
export { excludesOnly, looseClause } from "./shape.ts";
export { compileMatches } from "./pattern.ts";
export { crossingOf, shortestLimit } from "./crossing.ts";
export { canSelectIdle, canSelectRunning, selectsEverybody } from "./possible.ts";
export { pressures } from "./pressure.ts";
export { printable } from "../log/control.ts";
export { didYouMean, nearest, quoted } from "./nearest.ts";
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
export { type Form, FORMS, TRUTHS } from "./reference.ts";
export { namesOf, type Node } from "./syntax.ts";
export type { Problem } from "./token.ts";
export {
  type DatabaseName,
  type DearName,
  FAMILIES,
  type Family,
  keyOf,
  type Scope,
  type SessionName,
  type Type,
  TYPE_WORDS,
  VOCABULARY,
  type VocabularyEntry,
  vocabularyEntry,
} from "./vocabulary.ts";
