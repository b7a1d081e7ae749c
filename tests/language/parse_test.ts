import { assertEquals } from "@std/assert";
import type { Node } from "../../src/language/syntax.ts";
import { compile, problemsOf, subject, truthOf } from "./subject.ts";

/** A tree as text with all its parentheses, operators first. */
function shape(node: Node): string {
  switch (node.kind) {
    case "name":
      return node.name;
    case "quantity":
      return `${node.quantity.value}:${node.quantity.type}`;
    case "string":
      return JSON.stringify(node.value);
    case "boolean":
      return String(node.value);
    case "and":
    case "or":
      return `(${node.kind} ${shape(node.left)} ${shape(node.right)})`;
    case "not":
      return `(not ${shape(node.operand)})`;
    case "compare":
      return `(${node.operator} ${shape(node.left)} ${shape(node.right)})`;
    case "in":
      return `(${node.negated ? "not-in" : "in"} ${[node.operand, ...node.list].map(shape).join(" ")})`;
    case "like":
    case "matches":
      return `(${node.negated ? "not-" : ""}${node.kind} ${shape(node.operand)} ${node.pattern})`;
    case "known":
      return `(${node.known ? "known" : "unknown"} ${shape(node.operand)})`;
    case "aggregate":
      return `(${node.aggregate} ${shape(node.operand)})`;
  }
}

Deno.test("parse() binds not before and, and and before or", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["running or idle and replica", "(or running (and idle replica))"],
    ["running and idle or replica", "(or (and running idle) replica)"],
    ["(running or idle) and replica", "(and (or running idle) replica)"],
    ["not running and idle", "(and (not running) idle)"],
    ["not (running and idle)", "(not (and running idle))"],
    ["not not running", "(not (not running))"],
    ["not running or not idle", "(or (not running) (not idle))"],
    ["not user = 'a'", '(not (= user "a"))'],
    ["not running = true", "(not (= running true))"],
    ["not user in ('a')", '(not (in user "a"))'],
    ["not time is known", "(not (known time))"],
    ["running or idle or replica", "(or (or running idle) replica)"],
    ["running and idle and replica", "(and (and running idle) replica)"],
  ];
  for (const [source, expected] of rows) assertEquals(shape(compile(source).tree), expected, source);
});

Deno.test("parse() reads every test of the language", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["always", "true"],
    ["false", "false"],
    ["(((running)))", "running"],
    ["time = 1s", "(= time 1000:duration)"],
    ["time != 1s", "(!= time 1000:duration)"],
    ["time <> 1s", "(!= time 1000:duration)"],
    ["time < 1s", "(< time 1000:duration)"],
    ["time <= 1s", "(<= time 1000:duration)"],
    ["time > limits.lag", "(> time limits.lag)"],
    ["1s >= time", "(>= 1000:duration time)"],
    ["user in ('a', \"b\")", '(in user "a" "b")'],
    ["user not in ('a')", '(not-in user "a")'],
    ["time in (1s, limits.lag)", "(in time 1000:duration limits.lag)"],
    ["user like 'a%'", "(like user a%)"],
    ["user not like 'a%'", "(not-like user a%)"],
    ["user matches '^a'", "(matches user ^a)"],
    ["user not matches '^a'", "(not-matches user ^a)"],
    ["time is known", "(known time)"],
    ["time is unknown", "(unknown time)"],
    ["(user = 'a') = running", '(= (= user "a") running)'],
    ["(running or idle) is known", "(known (or running idle))"],
  ];
  for (const [source, expected] of rows) assertEquals(shape(compile(source).tree), expected, source);
});

Deno.test("parse() ignores the case of names and keywords, and keeps that of strings", () => {
  assertEquals(
    shape(compile("RUNNING And NOT Idle oR User NOT In ('Ab') AND sql LIKE 'X' and TIME Is Known").tree),
    "(or (and running (not idle)) (and (and " + '(not-in user "Ab") (like sql X)) (known time)))',
  );
  assertEquals(shape(compile("time > LIMITS.Lag").tree), "(> time limits.lag)");
});

Deno.test("parse() needs no space around symbols, and takes line ends for spaces", () => {
  assertEquals(shape(compile("time>1s").tree), "(> time 1000:duration)");
  assertEquals(shape(compile("not(running)and(idle)").tree), "(and (not running) idle)");
  assertEquals(shape(compile(" \n\ttime\r\n > \n 1s \n").tree), "(> time 1000:duration)");
});

Deno.test("parse() reads a doubled quote as one, the other quote and a backslash as themselves", () => {
  assertEquals(shape(compile("user = 'it''s'").tree), `(= user "it's")`);
  assertEquals(shape(compile('user = "a""b"').tree), String.raw`(= user "a\"b")`);
  assertEquals(shape(compile(`user = "it's"`).tree), `(= user "it's")`);
  assertEquals(shape(compile(String.raw`user = 'a\n'`).tree), String.raw`(= user "a\\n")`);
  assertEquals(shape(compile("user = ''").tree), '(= user "")');
});

Deno.test("parse() keeps the place of every clause", () => {
  const { source, tree } = compile("running and time > 30s");
  assertEquals(tree.kind === "and" && source.slice(tree.left.start, tree.left.end), "running");
  assertEquals(tree.kind === "and" && source.slice(tree.right.start, tree.right.end), "time > 30s");
});

Deno.test("parse() counts the parentheses around an operand to the test or the chain that it belongs to", () => {
  const spans = (source: string) => {
    const { tree } = compile(source);
    const nodes = tree.kind === "and" || tree.kind === "or" ? [tree, tree.left, tree.right] : [tree];
    return nodes.map(({ start, end }) => source.slice(start, end));
  };
  assertEquals(spans("((running) and (idle))"), ["(running) and (idle)", "running", "idle"]);
  assertEquals(spans("(running or idle) = (true)"), ["(running or idle) = (true)"]);
  assertEquals(spans("((user) in ('a', ('b')))"), ["(user) in ('a', ('b'))"]);
  assertEquals(spans("not (running)"), ["not (running)"]);
  assertEquals(spans("(time) is known or (user) not like 'a'"), [
    "(time) is known or (user) not like 'a'",
    "(time) is known",
    "(user) not like 'a'",
  ]);
});

const BROKEN: readonly (readonly [source: string, problem: string])[] = [
  ["", "0: expected an expression: found nothing"],
  [" \n ", "0: expected an expression: found nothing"],
  ["not", "3: expected a name, a value or an expression in parentheses: found the end"],
  ["and", '0: expected a name, a value or an expression in parentheses: found "and"'],
  ["running and", "11: expected a name, a value or an expression in parentheses: found the end"],
  ["running or or idle", '11: expected a name, a value or an expression in parentheses: found "or"'],
  ["()", '1: expected a name, a value or an expression in parentheses: found ")"'],
  ["time > = 1s", '7: expected a name, a value or an expression in parentheses: found "="'],
  ["running idle", '8: expected "and", "or" or the end: found "idle"'],
  ["running)", '7: expected "and", "or" or the end: found ")"'],
  ["user not = 'a'", '5: expected "and", "or" or the end: found "not"'],
  ["(running", '0: the parenthesis is not closed: found "("'],
  ["running and (idle or (replica)", '12: the parenthesis is not closed: found "("'],
  ["(running idle)", '9: expected "and", "or" or ")": found "idle"'],
  ["user in 'a'", `8: expected "(" after "in": found "'a'"`],
  ["user in", '7: expected "(" after "in": found the end'],
  ["user in ()", '9: expected a name, a value or an expression in parentheses: found ")"'],
  ["user in ('a',)", '13: expected a name, a value or an expression in parentheses: found ")"'],
  ["user in ('a' 'b')", `13: expected "," or ")": found "'b'"`],
  ["user in ('a'", '12: expected "," or ")": found the end'],
  ["user like 5", '10: expected a quoted pattern after "like": found "5"'],
  ["user like user", '10: expected a quoted pattern after "like": found "user"'],
  ["user not matches", '16: expected a quoted pattern after "matches": found the end'],
  ["time is", '7: expected "known" or "unknown" after "is": found the end'],
  ["time is null", '8: nothing is NULL here, write "is unknown", or = \'\' for what is absent: found "null"'],
  ["time is not known", '8: expected "known" or "unknown" after "is": found "not"'],
  ["user = 'a", "7: the string is not closed: found 'a"],
  ["user = 'it''", "7: the string is not closed: found 'it''"],
  ["user = \"a' and running", `7: the string is not closed: found "a' and running`],
  ["running == true", '8: write "=" to compare: found =='],
  ["time =< 1s", '5: write "<=": found =<'],
  ["time => 1s", '5: write ">=": found =>'],
  ["hll > 1e6", "6: a number has no exponent here, write 1M: found 1e6"],
  ["hll > 2.5E-1", "6: a number has no exponent here, write 0.25: found 2.5E-1"],
  ["running && idle", '8: write "and": found &&'],
  ["running || idle", '8: write "or": found ||'],
  ["!running", '0: write "not": found !'],
  ["hll > -5", "6: a number cannot be negative: found -"],
  ["user = ‘a’", "7: write straight quotes, ' or \": found ‘"],
  ["user = $a", '7: unexpected character: found "$"'],
  ["running; idle", '7: unexpected character: found ";"'],
  ["user = '😀' and 😀", '16: unexpected character: found "😀"'],
  ["user = \u0000", '7: unexpected character: found "\\u0000"'],
  ["hll > 1.", '7: unexpected character: found "."'],
  ["hll > 5K", '6: unknown unit "K", write k for a thousand, KiB for bytes: found 5K'],
  ["time > 5sec", '7: unknown unit "sec", write s: found 5sec'],
  ["time > 5x", '7: unknown unit "x", expected ms s m h d k M G KiB MiB GiB %: found 5x'],
  ["time > 5x2", '7: unknown unit "x2", expected ms s m h d k M G KiB MiB GiB %: found 5x2'],
  ["user = 'a\n\u001b", String.raw`7: the string is not closed: found 'a\n\u001b`],
];

Deno.test("parse() says what it expected, what it found, and where", () => {
  for (const [source, problem] of BROKEN) assertEquals(problemsOf(source), [problem], source);
});

Deno.test("parse() refuses chained comparisons", () => {
  const chained = 'comparisons cannot be chained, join two of them with "and"';
  assertEquals(problemsOf("1s < time < 2s"), [`10: ${chained}: found "<"`]);
  assertEquals(problemsOf("running = idle = true"), [`15: ${chained}: found "="`]);
});

Deno.test("parse() takes a hundred levels and refuses more, and takes a long list of operands", () => {
  const nested = (levels: number) => `${"(".repeat(levels)}running${")".repeat(levels)}`;
  assertEquals(problemsOf(nested(100)), []);
  assertEquals(problemsOf(nested(101)), ["100: the expression is nested too deeply: more than 100 levels"]);
  assertEquals(problemsOf("not ".repeat(100) + "running"), []);
  assertEquals(problemsOf("not ".repeat(101) + "running"), [
    "400: the expression is nested too deeply: more than 100 levels",
  ]);
  assertEquals(problemsOf(Array(500).fill("(running)").join(" and ")), []);
});

Deno.test("parse() refuses an expression that is too long for the stack, and takes the longest", () => {
  const long = (count: number) => Array(count).fill("id=1").join(" or ");
  assertEquals(long(1250).length, 9996);
  assertEquals(problemsOf(long(1250)), []);
  const { evaluate, needs } = compile(long(1250));
  assertEquals([evaluate(subject({ id: 2 })), needs], [false, ["id"]]);
  assertEquals(problemsOf(long(1251)), [
    "10000: the expression is too long, expected 10000 characters at most: found 10004",
  ]);
  assertEquals(truthOf(`id in (${Array(4900).fill("1").join(",")})`, { id: 1 }), true);
});
