export { digest, DIGEST_VERSION, digestText, type Likeness, likenessOf, sureDigest } from "./digest.ts";
export { shapeOf } from "./shape.ts";
export { sideEffectOf } from "./side_effect.ts";
export { newStatementLines, type StatementLines } from "./statement_lines.ts";
export type { ByteSource, Statement } from "./statement_reader.ts";
export { tablesOf } from "./tables.ts";
export { tagsOf } from "./tags.ts";
export { type Verb, verbOf, VERBS } from "./verb.ts";
export { MAX_DIGEST_TEXT } from "./written.ts";
