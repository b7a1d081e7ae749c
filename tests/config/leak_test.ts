import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { runProgram } from "../program.ts";
import { Folder, problemsOf, required } from "./folder.ts";

const MAIN = "databases: [{ name: orders, host: db1 }]\n";

async function problemsOfCredentials(credentials: string): Promise<readonly string[]> {
  const files = { "query-sniper.yaml": MAIN, "credentials.yaml": credentials };
  return (await problemsOf(files, required())).map((problem) => problem.replace("credentials.yaml:", ""));
}

const HIDDEN = "(not shown: it may be part of a password)";

const ROWS: readonly (readonly [credentials: string, ...problems: string[]])[] = [
  [
    "default:\n  user: a\n  password: !hunter2\n",
    '3:13: this is not YAML: a value cannot start with "!" here: put it in quotes',
  ],
  [
    "default:\n  user: a\n  password: *hunter2\n",
    '3:13: this is not YAML: a value cannot start with "*" here: put it in quotes',
  ],
  [
    "default: { user: a, password: !hunter2 }\n",
    '1:40: this is not YAML: a value cannot start with "!" here: put it in quotes',
  ],
  [
    "default: { user: a, password:hunter2 }\n",
    `1:21: default.***: unknown key ${HIDDEN} (did you mean "password"?)`,
  ],
  ["default: { user: a, password: x,hunter2 }\n", `1:33: default.***: unknown key ${HIDDEN}`],
  ["default: { user: a, password: x,hunter2,hunter2 }\n", `1:41: this key is there twice ${HIDDEN}`],
  ["default:\n  user: a\n  password: x\n  password: hunter2\n", `4:3: this key is there twice ${HIDDEN}`],
  [
    "databases: { orders: { user: a, password: x }, hunter2:x: {} }\n",
    "1:48: databases.***: expected a name of letters, digits, dots, hyphens and underscores, 64 at most " +
    HIDDEN,
  ],
  ["%TAG !hunter2! x\n---\na: b\n", "2:1: this is not YAML: this cannot be read"],
  [
    "default: { user: a, password_env: hunter-2 }\n",
    "1:35: default.password_env: expected the name of an environment variable: " +
    "found something else, which is not shown",
  ],
];

Deno.test("loadConfig() says what is wrong with credentials without a word of a password", async () => {
  for (const [credentials, ...problems] of ROWS) {
    assertEquals(await problemsOfCredentials(credentials), problems, credentials);
  }
});

Deno.test("no message of loadConfig() holds the password, however the credentials are written", async () => {
  const around = fc.array(fc.constantFrom(..."!&*@`%|>{}[],:#?-'\"\\ \n".split("")), { maxLength: 3 });
  const shapes = fc.constantFrom(
    "default:\n  user: a\n  password: PASSWORD\n",
    "default:\n  user: a\n  password:PASSWORD\n",
    "default: { user: a, password: PASSWORD }\n",
    "default: { user: a, password:PASSWORD }\n",
    "default:\n  password: PASSWORD\n  user: a\n",
  );
  await fc.assert(
    fc.asyncProperty(shapes, around, around, around, async (shape, before, between, after) => {
      const password = `${before.join("")}hunter2${between.join("")}hunter3${after.join("")}`;
      const problems = await problemsOfCredentials(shape.replace("PASSWORD", () => password));
      assert(!problems.some((problem) => problem.includes("hunter")), problems.join("\n"));
    }),
    { numRuns: 300 },
  );
});

Deno.test("the program shows no stack trace and no value where password_env is no name", async () => {
  for (const value of ["hunter2=B", String.raw`"hunter2\0B"`, "hun ter2", "''"]) {
    await using folder = await Folder.make({
      "query-sniper.yaml": MAIN,
      "credentials.yaml": `default: { user: a, password_env: ${value} }\n`,
    });
    const { code, stdout, stderr } = await runProgram(["once"], { cwd: folder.path });
    assertEquals([code, stdout], [2, ""]);
    assertEquals(
      stderr,
      "credentials.yaml:1:35: default.password_env: expected the name of an environment variable: " +
        "found something else, which is not shown\n",
    );
  }
});

Deno.test("the program refuses credentials of a group where it can make no file to see its own groups", async () => {
  await using folder = await Folder.make({
    "query-sniper.yaml": MAIN,
    "credentials.yaml": { text: "default: { user: a, password: hunter2 }\n", mode: 0o640 },
  });
  const env = { TMPDIR: folder.file("gone") };
  const { code, stderr } = await runProgram(["validate-config"], { cwd: folder.path, env });
  assertEquals([code, stderr], [
    2,
    "credentials.yaml: a group that this process is not in has access to this file (mode 0640), " +
    "run: chmod 600 credentials.yaml\n",
  ]);
});
