import { VOCABULARY } from "../mysql/mod.ts";
import { shardVocabulary } from "../shards/policy/vocabulary.ts";

/** The names of policies about shards: a shard is a database of this kind. */
export const SHARD_VOCABULARY = shardVocabulary(VOCABULARY);
