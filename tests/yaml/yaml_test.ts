import { assertEquals } from "@std/assert";
import { loadConfig } from "../../src/config/mod.ts";
import { formatProblem } from "../../src/yaml/problem.ts";
import { runProgram } from "../program.ts";
import { Folder, IF_PRESENT, problemsOf } from "../config/folder.ts";

const ONE = "databases: [{ name: a, host: h }]\n";
const QUOTE = 'put the whole expression in double quotes, or write it after ">-"';
const STRING = `this is not YAML: a leading quote starts a YAML string: ${QUOTE}`;
const MAPPING =
  'expected a condition such as running and time > 10s: found a mapping, which ": " or "{" starts';

function cannotStart(character: string): string {
  return `this is not YAML: an expression cannot start with "${character}" in YAML: ${QUOTE}`;
}

/** What is wrong with a policy whose third line, from column 5 on, is this; and its fourth. */
async function problemsOfPolicy(line: string): Promise<readonly string[]> {
  const yaml = `policies:\n  - name: x\n    ${line}\n    then: log\n${ONE}`;
  return (await problemsOf({ "query-sniper.yaml": yaml })).map((problem) => problem.replace(/^[^:]*:/, ""));
}

Deno.test("loadConfig() says where YAML took an expression for something else, and how to write it", async () => {
  const rows: readonly (readonly [line: string, problem: string])[] = [
    ["where: 'a' = user", `3:12: ${STRING}`],
    ['where: "a" = user', `3:12: ${STRING}`],
    ["where: 'a = user", `3:12: ${STRING}`],
    ["where: !running and idle", `3:12: ${cannotStart("!")}`],
    ["where: !x", `3:12: ${cannotStart("!")}`],
    ["where: *x", `3:12: ${cannotStart("*")}`],
    ["where: @x", `3:12: ${cannotStart("@")}`],
    ["where: > 5", `3:12: ${cannotStart(">")}`],
    [
      "where: state = 'a: b'",
      `3:22: this is not YAML: ": " within an expression starts a YAML mapping: ${QUOTE}`,
    ],
    ["where: {a: b}", `3:12: policies[0].where: ${MAPPING} in YAML: ${QUOTE}`],
    [
      "where: [a]",
      "3:12: policies[0].where: expected a condition such as running and time > 10s: found a list, " +
      `which "[" starts in YAML: ${QUOTE}`,
    ],
  ];
  for (const [line, problem] of rows) assertEquals(await problemsOfPolicy(line), [problem], line);
});

Deno.test("loadConfig() blames no expression that YAML left alone for a mistake below it", async () => {
  const problem = "4:4: this is not YAML: cannot read block sequence: bad indentation of a sequence entry";
  for (const where of ['"running"', "'running' # why", "running", ">-"]) {
    assertEquals(await problemsOfPolicy(`where: ${where}\n   bad: x`), [problem], where);
  }
});

Deno.test("loadConfig() knows the items of protect for expressions", async () => {
  const rows: readonly (readonly [yaml: string, problem: string])[] = [
    ["protect:\n  - 'a' = user\n", `2:5: ${STRING}`],
    ["protect: # why\n  - running\n\n  # more\n  - !running\n", `5:5: ${cannotStart("!")}`],
    ["protect:\n  - state = 'a: b'\n", `2:5: protect[0]: ${MAPPING} in YAML: ${QUOTE}`],
    ["protect: [state = 'a: b']\n", `1:11: protect[0]: ${MAPPING} in YAML: ${QUOTE}`],
  ];
  for (const [yaml, problem] of rows) {
    assertEquals(
      await problemsOf({ "query-sniper.yaml": yaml + ONE }),
      [`query-sniper.yaml:${problem}`],
      yaml,
    );
  }
});

Deno.test("loadConfig() names each key that is there twice, where it is for the second time", async () => {
  const yaml = `mode: dry-run\nmode: enforce\nbudget: { kills: 1, "kills": 2 }\n${ONE}`;
  assertEquals(await problemsOf({ "query-sniper.yaml": yaml }), [
    'query-sniper.yaml:2:1: this key is there twice: "mode"',
    'query-sniper.yaml:3:21: this key is there twice: "kills"',
  ]);
});

Deno.test("loadConfig() refuses a file without content, and does not count a byte order mark", async () => {
  for (const yaml of ["---\n", "---", "--- # nothing\n...\n", "\ufeff", "\ufeff# nothing\n"]) {
    const problems = await problemsOf({ "query-sniper.yaml": yaml });
    assertEquals(problems, ["query-sniper.yaml: the file is empty"], JSON.stringify(yaml));
  }
  assertEquals(await problemsOf({ "query-sniper.yaml": `\ufeffmode: x\n${ONE}` }), [
    'query-sniper.yaml:1:7: mode: expected one of "dry-run", "enforce": "x"',
  ]);
  assertEquals(await problemsOf({ "query-sniper.yaml": `\ufeff${ONE}` }), []);
});

Deno.test("the program refuses what is too deep or too long for its stack, without a stack trace", async () => {
  await using folder = await Folder.make({
    "deep.yaml": "[".repeat(100_000),
    "long.yaml": `protect:\n  - ${"running and ".repeat(20_000)}running\n${ONE}`,
    "circular.yaml": `groups: &x { a: *x }\n${ONE}`,
  });
  const rows: readonly (readonly [file: string, stderr: string])[] = [
    ["deep.yaml", "nested too deeply"],
    [
      "long.yaml",
      "2:10005: protect[0]: the expression is too long, expected 10000 characters at most: found 240007",
    ],
    ["circular.yaml", '1:17: groups.a.a: unknown key: "a"'],
  ];
  await Promise.all(rows.map(async ([file, problem]) => {
    const { code, stderr } = await runProgram(["validate-config", file], { cwd: folder.path });
    const place = /^\d/.test(problem) ? `${file}:` : `${file}: `;
    assertEquals([code, stderr], [2, `${place}${problem}\n`]);
  }));
});

/** The warnings of a main file, but for the one that its credentials do not exist. */
async function warningsOf(yaml: string): Promise<readonly string[]> {
  await using folder = await Folder.make({ "query-sniper.yaml": yaml });
  const { warnings } = await loadConfig(folder.file("query-sniper.yaml"), IF_PRESENT);
  return warnings.filter(({ path }) => path !== "").map(formatProblem).map((text) =>
    folder.relative(text).replace(/^[^:]*:/, "")
  );
}

Deno.test("loadConfig() warns of a comment that begins like the rest of the expression before it", async () => {
  const warning = (place: string, comment: string) =>
    `${place}: the expression ends where this comment starts, ` +
    `put the whole of it in double quotes if it goes on: "${comment}"`;
  const policy = (lines: string) => `policies:\n  - name: x\n    ${lines}\n    then: log\n${ONE}`;
  assertEquals(await warningsOf(policy("where: running # and user = 'x'")), [
    warning("3:20: policies[0].where", "# and user = 'x'"),
  ]);
  assertEquals(
    await warningsOf(
      policy("when: lag > 30s   #OR hll > 1M\n    where: user # != 'x'".replace("user", "idle")),
    ),
    [
      warning("3:23: policies[0].when", "#OR hll > 1M"),
      warning("4:17: policies[0].where", "# != 'x'"),
    ],
  );
  assertEquals(await warningsOf(`protect:\n  - running # not idle\n  - idle # only\n${ONE}`), [
    warning("2:13: protect[0]", "# not idle"),
  ]);
  const ordinary = [
    "where: running # only these",
    "where: running # android phones",
    "where: running\n    # and then",
    'where: "running" # and quoted on purpose',
    "where: running\n    description: reads # and more",
  ];
  for (const lines of ordinary) assertEquals(await warningsOf(policy(lines)), [], lines);
  assertEquals(await warningsOf(`mode: dry-run # not armed\n${ONE}`), []);
});

Deno.test("validate-config has nothing to say of the example configuration's comments", async () => {
  const { stderr } = await runProgram(["validate-config", "config/query-sniper.yaml"]);
  assertEquals(stderr.includes("comment"), false, stderr);
});
