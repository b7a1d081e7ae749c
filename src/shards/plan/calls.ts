import { type Code, isOperator, isWord } from "./code.ts";
import { Refusal } from "./refusal.ts";
import { BEFORE_PARENTHESIS, FUNCTIONS, MERGED, UNMERGED } from "./vocabulary.ts";

/**
 * Checks that nothing is called but what is known: a stored function may read or write rows of other shards, and what
 * belongs to a session means nothing to a pool of them.
 * @param from Where to begin: names behind INSERT INTO may have a parenthesis behind them.
 * @throws {Refusal}
 */
export function checkCalls({ pieces }: Code, from = 0): void {
  for (let at = from + 1; at < pieces.length; at++) {
    if (isWord(pieces[at], "for") && isWord(pieces[at - 1], "value")) {
      throw new Refusal("sequences are not supported: each shard counts by itself");
    }
    if (!isOperator(pieces[at], "(")) continue;
    const before = pieces[at - 1]!;
    if (before.kind === "operator") continue;
    if (before.kind !== "word") {
      if (before.kind === "name") throw new Refusal("stored functions are not supported", STORED);
      continue;
    }
    const { text } = before;
    if (isOperator(pieces[at - 2], ".")) throw new Refusal("stored functions are not supported", STORED);
    if (FUNCTIONS.has(text) || BEFORE_PARENTHESIS.has(text) || MERGED.has(text) || UNMERGED.has(text)) {
      continue;
    }
    if (isOperator(pieces[at - 2], ")")) continue;
    throw new Refusal(`this function is not supported: "${text}"`, STORED);
  }
}

const STORED = "what a stored function reads, and what belongs to one session, is on one server only";
