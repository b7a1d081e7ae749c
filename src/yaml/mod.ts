export { type Document, ioReason, readDocument } from "./document.ts";
export type { JsonSchema } from "./json_schema.ts";
export {
  defaultsOf,
  isWrong,
  type Kind,
  list,
  type NameRule,
  NAMES,
  object,
  oneOrMore,
  optional,
  orOff,
  preset,
  record,
  required,
  type ValueOf,
  writtenBy,
} from "./kind.ts";
export { locate, locateAll } from "./locate.ts";
export {
  ConfigError,
  fileOf,
  formatPath,
  formatProblem,
  formatWarning,
  InFile,
  type LocatedProblem,
  type Path,
  placeFrom,
  Problems,
} from "./problem.ts";
export {
  duration,
  expression,
  filePath,
  filledText,
  host,
  integer,
  metricSql,
  name,
  plainText,
  quantity,
  scalar,
  secretText,
  share,
  tableName,
  tagKey,
  text,
  variableName,
  word,
} from "./scalar.ts";
export { openYaml } from "./yaml.ts";
