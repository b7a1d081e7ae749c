// Statements whose literals are likely to be taken for code under another sql_mode than the one they are written for.
// As a program: deno run --allow-read tests/digest/hostile.ts [COUNT] [SEED]

import { digestText, tablesOf } from "../../src/digest/mod.ts";

/** Whether a backslash escapes, and what a double quote begins. */
interface Mode {
  readonly escapes: boolean;
  readonly ansi: boolean;
}

/** No other word of the statements has three of these letters in a row. */
const SECRET = "qzxjkw";
const LEAK = /[qzxjkw]{3}/i;

/** Pieces of what is in literals: each is code, or its start, if a literal is thought to end before it. */
const INSIDE = [
  ..."'\"`\\#,();=@?-/*[]$.:",
  ...[
    "\\'",
    '\\"',
    "\\\\",
    "''",
    '""',
    "-- ",
    "# ",
    "/*",
    "*/",
    "/*!",
    "/*M!",
    "\\N",
    "n",
    "_utf8'",
    " or ",
    " ",
    "\n",
  ],
  ...["x'", "$$", " FROM ", " AS ", "1", "b", "--", "{", "}", "'n", "' , '", "\\', '", "(", "', (", ") #"],
];

/** A source of numbers below a limit, the same for the same seed (the generator "mulberry32"). */
function numbersFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

/** Makes statements that are sound under some sql_mode; all of their literals and comments are secret. */
export function hostileStatements(seed: number): () => { readonly sql: string; readonly mode: Mode } {
  const next = numbersFrom(seed);
  const pick = <T>(all: readonly T[]): T => all[next(all.length)]!;
  const inside = () =>
    Array.from({ length: next(6) }, () => next(3) === 0 ? SECRET.slice(next(3)) : pick(INSIDE)).join("");
  const string = (quote: string, { escapes }: Mode) => {
    const text = inside();
    if (!escapes) return quote + text.replaceAll(quote, quote + quote) + quote;
    const safe = text.replaceAll("\\", "\\\\");
    return quote + safe.replaceAll(quote, next(2) ? `\\${quote}` : quote + quote) + quote;
  };
  const name = () => pick(["a", "b", "`c`", "t . a", "d"]);
  const literal = (mode: Mode): string => {
    switch (next(12)) {
      case 0:
        return mode.ansi ? '"nam\\"' : string('"', mode);
      case 1:
        return mode.ansi ? '"n"' : string('"', mode);
      case 2:
        return "\\N";
      case 3:
        return `${pick(["N", "_utf8mb4", "_latin1 "])}${string("'", mode)}`;
      case 4:
        return `${string("'", mode)} /* ${
          inside().replaceAll("*/", "").replaceAll("*", "").replaceAll("/", "")
        } */`;
      case 5:
        return `${string("'", mode)} # ${inside().replaceAll("\n", "")}\n`;
      case 6:
        return `${string("'", mode)} -- ${inside().replaceAll("\n", "")}\n`;
      case 7:
        return `${string("'", mode)}${pick(["n", " n", " AS n", "b"])}`;
      default:
        return string("'", mode);
    }
  };
  const list = (mode: Mode) =>
    Array.from({ length: 1 + next(5) }, () => literal(mode)).join(pick([",", ", ", " , "]));
  return () => {
    const mode = { escapes: next(2) === 0, ansi: next(2) === 0 };
    const sql = pick([
      () => `SELECT ${list(mode)} FROM t`,
      () => `INSERT INTO t VALUES (${list(mode)})`,
      () => `SELECT ${name()} FROM t WHERE ${name()} = ${literal(mode)} AND ${name()} IN (${list(mode)})`,
      () => `UPDATE t SET ${name()} = ${literal(mode)}, ${name()} = ${literal(mode)}`,
      () => `CALL p(${list(mode)})`,
    ])();
    return { sql, mode };
  };
}

/** The first of so many statements of which something secret is told; undefined if there is none. */
export function firstLeak(count: number, seed: number): string | undefined {
  const next = hostileStatements(seed);
  for (let index = 0; index < count; index++) {
    const { sql, mode } = next();
    const part = sql.slice(0, 1 + ((index * 31) % sql.length));
    const told = [
      digestText(sql),
      digestText(part, { cut: true }),
      ...tablesOf(sql),
    ].join(" ");
    if (LEAK.test(told)) return `${JSON.stringify(mode)} ${sql} => ${told}`;
  }
  return undefined;
}

if (import.meta.main) {
  const [count = "1000000", seed = "1"] = Deno.args;
  const leak = firstLeak(Number(count), Number(seed));
  // deno-lint-ignore no-console
  console.log(leak ?? `no leak in ${count} statements`);
  if (leak !== undefined) Deno.exit(1);
}
