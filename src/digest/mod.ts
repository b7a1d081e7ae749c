export { type Digest, digest, type DigestOptions, digestText, MAX_DIGEST_TEXT } from "./digest.ts";
export { type Verb, verbOf, VERBS } from "./verb.ts";
