export { type Digest, digest, type DigestOptions, digestText, MAX_DIGEST_TEXT } from "./digest.ts";
export { shapeOf } from "./shape.ts";
export { tablesOf } from "./tables.ts";
export { type Verb, verbOf, VERBS } from "./verb.ts";
