import { assert, assertEquals } from "@std/assert";
import { ConfigError } from "../../src/yaml/mod.ts";
import { loadConfig } from "../../src/config/mod.ts";
import { type ProgramResult, ROOT, runProgram } from "../program.ts";
import { Folder, IF_PRESENT } from "./folder.ts";
import { PROBLEMS } from "../yaml/problem.ts";

const FIXTURES = "tests/fixtures/config";

/** What the program should say of a fixture. */
function messageOf(name: string): string {
  return [PROBLEMS[name]!].flat().map((problem) => {
    const separator = /^\d/.test(problem) ? ":" : ": ";
    return `${FIXTURES}/${name}.yaml${separator}${problem}`;
  }).join("\n");
}

for (const name of Object.keys(PROBLEMS)) {
  Deno.test(`loadConfig() refuses ${name.replaceAll("_", " ")}`, async () => {
    const error = await loadConfig(`${ROOT}${FIXTURES}/${name}.yaml`, IF_PRESENT).catch((error) => error);
    assert(error instanceof ConfigError, String(error));
    assertEquals(error.message.replaceAll(ROOT, ""), messageOf(name));
  });
}

Deno.test("every bad configuration among the fixtures has its message", async () => {
  const entries = await Array.fromAsync(Deno.readDir(`${ROOT}${FIXTURES}`));
  const names = entries.filter(({ isFile }) => isFile).map(({ name }) => name);
  assertEquals(names.toSorted(), Object.keys(PROBLEMS).map((name) => `${name}.yaml`).toSorted());
});

/** Asserts that the program refused its input with these words alone. */
function assertRefused({ code, stdout, stderr }: ProgramResult, message: string): void {
  assertEquals(stderr, `${message}\n`);
  assertEquals(stdout, "");
  assertEquals(code, 2);
}

Deno.test("validate-config prints exactly what is wrong, exits with 2, and shows no stack trace", async () => {
  const names = [
    "several",
    "empty",
    "two_documents",
    "hash_in_string",
    "limit_of_another_type",
    "tab_indentation",
  ];
  await Promise.all(names.map(async (name) => {
    assertRefused(await runProgram(["validate-config", `${FIXTURES}/${name}.yaml`]), messageOf(name));
  }));
});

Deno.test("validate-config checks every file that it is given", async () => {
  await using folder = await Folder.make({ "good.yaml": "databases: [{ name: orders, host: db1 }]\n" });
  const files = [`${FIXTURES}/unknown_key.yaml`, folder.file("good.yaml"), `${FIXTURES}/empty.yaml`];
  const { code, stdout, stderr } = await runProgram(["validate-config", ...files]);
  const credentials = folder.file("credentials.yaml");
  assertEquals(stderr.trimEnd().split("\n"), [
    messageOf("unknown_key"),
    `${credentials}: warning: the credentials file does not exist here: it was not checked`,
    messageOf("empty"),
  ]);
  assertEquals(stdout.split("\n")[0], `${folder.file("good.yaml")}: valid`);
  assertEquals(code, 2);
});

Deno.test("validate-config, run and once refuse a file that is missing, and a directory", async () => {
  await using folder = await Folder.make({});
  await Promise.all(["validate-config", "run", "once"].map(async (command) => {
    const options = { env: { QUERY_SNIPER_CONFIG: "gone.yaml" }, cwd: folder.path };
    assertRefused(await runProgram([command], options), "gone.yaml: cannot read the file: it does not exist");
    assertRefused(
      await runProgram([command, "-c", "."], options),
      ".: cannot read the file: it is a directory",
    );
  }));
});

Deno.test("an environment variable that is not set stops once, and is a warning to validate-config", async () => {
  await using folder = await Folder.make({
    "query-sniper.yaml": "databases: [{ name: orders, host: db1 }]\n",
    "credentials.yaml": "default: { user: sniper, password_env: SNIPER_TEST_PASSWORD }\n",
  });
  const message = "credentials.yaml:1:40: default.password_env: " +
    "this environment variable is not set: SNIPER_TEST_PASSWORD";
  const [once, validate, set] = await Promise.all([
    runProgram(["once"], { cwd: folder.path }),
    runProgram(["validate-config"], { cwd: folder.path }),
    runProgram(["validate-config"], { cwd: folder.path, env: { SNIPER_TEST_PASSWORD: "hunter2" } }),
  ]);
  assertRefused(once, message);
  assertEquals(validate.stderr, `${message.replace(": this", ": warning: this")}\n`);
  assertEquals(validate.code, 0);
  assertEquals(set, {
    code: 0,
    stderr: "",
    stdout: "query-sniper.yaml: valid\n" +
      "journal: query-sniper.sqlite, kept for 400d and up to 2GiB\n" +
      "orders (db1:3306): dry-run, a look every 1s, ssl_mode preferred, 30 kills and 20%, at least 5, per 1m, " +
      "as sniper with password ***\n" +
      "  lease on, verify 5s, grace 10s\n",
  });
});

Deno.test("the program refuses credentials that others may read, and says no password of broken ones", async () => {
  await using folder = await Folder.make({
    "query-sniper.yaml": "databases: [{ name: orders, host: db1 }]\n",
    "credentials.yaml": { text: "default: { user: sniper, password: hunter2 }\n", mode: 0o644 },
    "broken.yaml": "credentials: broken_credentials.yaml\ndatabases: [{ name: orders, host: db1 }]\n",
    "broken_credentials.yaml": "default: { user: sniper, password: hunter2\n",
  });
  assertRefused(
    await runProgram(["once"], { cwd: folder.path }),
    "credentials.yaml: other users have access to this file (mode 0644), run: chmod 600 credentials.yaml",
  );
  assertRefused(
    await runProgram(["once", "-c", "broken.yaml"], { cwd: folder.path }),
    "broken_credentials.yaml:2:1: this is not YAML: cannot read flow collection: " +
      "unexpected end of the stream within a flow collection",
  );
});
