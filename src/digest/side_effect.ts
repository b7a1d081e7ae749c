import { DEFAULT_QUOTING } from "./quote.ts";
import { tokenize } from "./tokenizer.ts";

/** Clauses that begin with FOR or LOCK, by the words behind that. */
const LOCKING: Readonly<Record<string, readonly string[]>> = {
  FOR: ["UPDATE", "SHARE"],
  LOCK: ["IN SHARE MODE"],
};

/**
 * The first clause by which a SELECT does more than read, under the default sql_mode: INTO a file or a variable, or a lock
 * for what it reads. All these words are reserved, or stand behind one that is: a name they are in quotes or behind a
 * dot only.
 */
export function sideEffectOf(sql: string): string | undefined {
  const tokens = [...tokenize(sql, DEFAULT_QUOTING)].filter(({ kind }) => !SKIPPED.has(kind));
  const words = tokens.map(({ kind, start, end }) =>
    kind === "word" ? sql.slice(start, end).toUpperCase() : sql[start]!
  );
  for (const [index, word] of words.entries()) {
    if (tokens[index]!.kind !== "word" || words[index - 1] === ".") continue;
    const behind = words.slice(index + 1, index + 4);
    if (word === "INTO") return `INTO ${FILES.has(behind[0] ?? "") ? behind[0] : "a variable"}`;
    const clause = LOCKING[word]?.find((clause) => behind.join(" ").startsWith(clause));
    if (clause !== undefined) return `${word} ${clause}`;
  }
}

/** What stands between the words of a clause, and is none. */
const SKIPPED: ReadonlySet<string> = new Set(["comment", "hint", "version"]);
const FILES: ReadonlySet<string> = new Set(["OUTFILE", "DUMPFILE"]);
