// What people write who come from elsewhere, and what they are told.

import { assertEquals } from "@std/assert";
import { problemsOf } from "./subject.ts";

const REGEX = 'write "matches" for a regular expression';
const UNIT = "write a number and its unit without a blank between them";
const COMMENT = 'a condition has no comments, write them in YAML, behind " #"';
const QUOTES = "write a text in quotes, ' or \"";
const BLANK = "this is no plain blank, write one";

Deno.test("what other languages have gets the right word", () => {
  const rows: readonly (readonly [source: string, problem: string])[] = [
    ["user regexp '^a'", `5: ${REGEX}: found "regexp"`],
    ["user RLIKE 'a'", `5: ${REGEX}: found "RLIKE"`],
    ["user not regexp 'a'", `5: ${REGEX}: found "not"`],
    ["user =~ 'a'", `5: ${REGEX}, and "like" for a pattern: found =~`],
    ["user !~ 'a'", `5: ${REGEX}, and "like" for a pattern: found !~`],
    ["time between 1s and 5s", '5: write two comparisons, joined with "and": found "between"'],
    ["user in ['a']", "8: write a list in parentheses, in (…): found ["],
    ["lower(user) = 'a'", '5: there are no functions, and "like" ignores the case of letters: found "("'],
    ["running & idle", '8: write "and": found &'],
    ["running && idle", '8: write "and": found &&'],
    ["running | idle", '8: write "or": found |'],
    ["time > 10 s", `10: ${UNIT}: found "s"`],
    ["(lag > 30 seconds)", `10: ${UNIT}: found "seconds"`],
    ["time > 1m30s", "7: a duration has one unit, write 90s: found 1m30s"],
    ["time >= 1d12h", "8: a duration has one unit, write 36h: found 1d12h"],
    ["user = backup", "7: unknown name: backup (did you mean 'backup'? A text stands in quotes)"],
    ["user in ('a', backup)", "14: unknown name: backup (did you mean 'backup'? A text stands in quotes)"],
    ["command = query", "10: unknown name: query (did you mean 'query'? A text stands in quotes)"],
    ["host = 10.0.0.5", `11: ${QUOTES}: found .`],
    ["user = app-user", `10: ${QUOTES}: found -`],
    ["user = a@b", `8: ${QUOTES}: found @`],
    ["user like app%", `13: ${QUOTES}: found %`],
    [
      "db is not null",
      '6: nothing is NULL here, write "is known", or != \'\' for what is there: found "not"',
    ],
    ["user is 'a'", '8: write "=" to compare: found "\'a\'"'],
    ["running\u00a0and idle", `7: ${BLANK}: found U+00A0`],
    ["running\u200b and idle", `7: ${BLANK}: found U+200B`],
    ["running -- idle", `8: ${COMMENT}: found --`],
    ["running /* x */", `8: ${COMMENT}: found /*`],
    ["user = `app`", "7: a name has no quotes, and a text has ' or \": found `"],
    ["user = ${X}", "7: variables are not replaced here: found $"],
    ["user = 'a' xor running", '11: there is no "xor", write it with "and", "or" and "not": found "xor"'],
    ["time + 1s > 5s", "5: there is no arithmetic, write a value: found +"],
  ];
  for (const [source, problem] of rows) assertEquals(problemsOf(source), [problem], source);
});
