export { type Digest, digest, type DigestOptions, digestText, MAX_DIGEST_TEXT } from "./digest.ts";
export { shapeOf } from "./shape.ts";
export { newStatementLines, type StatementLines } from "./statement_lines.ts";
export type { ByteSource, Statement } from "./statement_reader.ts";
export { tablesOf } from "./tables.ts";
export { type Tags, tagsOf } from "./tags.ts";
export { type Verb, verbOf, VERBS } from "./verb.ts";
