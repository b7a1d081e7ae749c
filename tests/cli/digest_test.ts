import { assert, assertEquals } from "@std/assert";
import { digest } from "../../src/digest/mod.ts";
import { Folder } from "../config/folder.ts";
import { programCommand, type ProgramResult, runProgram } from "../program.ts";
import { sample } from "../pages.ts";

/** Runs `query-sniper digest` on a text that comes through a pipe. */
async function digestInput(input: string | Uint8Array, ...args: readonly string[]): Promise<ProgramResult> {
  const [file = "", ...before] = programCommand();
  const child = new Deno.Command(file, {
    args: [...before, "digest", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  const [{ code, stdout, stderr }] = await Promise.all([
    child.output(),
    new Blob([new Uint8Array(bytes)]).stream().pipeTo(child.stdin),
  ]);
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

const INPUT = `
SELECT * FROM users WHERE id = 42;; -- one; two
insert into t values (1,'a;b'), (2,'it\\'s "c;"');
/* nothing ; but */ -- a comment
;
select \`a;b\` from t # ; x
where c = 'ü''; '`;

const TEXTS = [
  "SELECT * FROM `users` WHERE `id` = ?",
  "INSERT INTO `t` VALUES (...) /* , ... */",
  "SELECT `a;b` FROM `t` WHERE `c` = ?",
];

Deno.test("digest prints a line for each statement: of standard input, of files, of --query", async () => {
  await using folder = await Folder.make({
    "a.sql": `\ufeff${INPUT}`,
    "b.sql": "select 1;",
    "empty.sql": "",
  });
  const cwd = folder.path;
  const expected = { code: 0, stdout: `${TEXTS.join("\n")}\n`, stderr: "" };
  assertEquals(await digestInput(INPUT), expected);
  assertEquals(await runProgram(["digest", "--query", INPUT]), expected);
  assertEquals(await runProgram(["digest", "a.sql"], { cwd }), expected);
  assertEquals(
    (await runProgram(["digest", "b.sql", "empty.sql", "b.sql"], { cwd })).stdout,
    "SELECT ?\nSELECT ?\n",
  );
  assertEquals((await digestInput("select 2 from t", "--", "-", "-")).stdout, "SELECT ? FROM `t`\n");
  assertEquals(await digestInput(" \n;;/* x */"), { code: 0, stdout: "", stderr: "" });
});

Deno.test("digest --format json prints an object for each statement", async () => {
  const { code, stdout } = await digestInput(`${INPUT}; x`, "--format", "json");
  assertEquals(code, 0);
  const objects = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(objects.map(({ digest_text }) => digest_text), [...TEXTS, "`x`"]);
  assertEquals(objects[0], {
    ...digest("select * from users where id = 1"),
    verb: "select",
    tables: ["users"],
    shape: "select users",
    tags: {},
  });
  assertEquals(objects[3], { ...digest("x"), verb: "other", tables: [], shape: "other", tags: {} });
  const tagged = await digestInput(
    "/* a */ select 1 /*job='a%20b',user='x'*/;/*job:c*/ select 1",
    "--format",
    "json",
  );
  const tags = tagged.stdout.trimEnd().split("\n").map((line) => JSON.parse(line).tags);
  assertEquals(tags, [{ job: "a b" }, { job: "c" }]);
});

Deno.test("digest prints what docs/digests.md says", async () => {
  const { stdout } = await new Deno.Command("bash", {
    args: [
      "-c",
      `program=("$@"); query-sniper() { "\${program[@]}" "$@"; }; ${sample("digest-command")}`,
      "bash",
      ...programCommand(),
    ],
  }).output();
  assertEquals(new TextDecoder().decode(stdout), sample("digest-output"));
});

Deno.test("digest tells which files it cannot read, and reads the others", async () => {
  await using folder = await Folder.make({ "a.sql": "select 1" });
  assertEquals(await runProgram(["digest", "no\x1b.sql", "a.sql", "."], { cwd: folder.path }), {
    code: 1,
    stdout: "SELECT ?\n",
    stderr:
      "no\\u001b.sql: cannot read the file: it does not exist\n.: cannot read the file: it is a directory\n",
  });
});

Deno.test("digest takes --query or files, and says so", async () => {
  assertEquals(await runProgram(["digest", "--query", "select 1", "a.sql"]), {
    code: 2,
    stdout: "",
    stderr: 'query-sniper: --query takes the place of files: "a.sql"\n' +
      "Run query-sniper digest --help for more.\n",
  });
});

Deno.test("digest reads whatever bytes there are, and prints none that a terminal obeys", async () => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => (index * index * 7919) >> 5);
  const { code, stdout, stderr } = await digestInput(bytes);
  assertEquals([code, stderr], [0, ""]);
  // deno-lint-ignore no-control-regex
  assert(/^[^\x00-\x09\x0b-\x1f\x7f]+$/.test(stdout));
});

Deno.test("digest cuts a statement of more than 16 MiB, and goes on behind it", async () => {
  const long = `insert into t values ('${"a;b''".repeat(4 * 2 ** 20)}', 2)`;
  const { stdout } = await digestInput(`select 1;${long};select 2 from t`, "--format", "json");
  const objects = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(objects.map(({ digest_text, cut, tables }) => ({ digest_text, cut, tables })), [
    { digest_text: "SELECT ?", cut: undefined, tables: [] },
    { digest_text: "INSERT INTO `t` VALUES ( …", cut: true, tables: ["t"] },
    { digest_text: "SELECT ? FROM `t`", cut: undefined, tables: ["t"] },
  ]);
});

Deno.test("digest ends quietly where nobody reads on, and with words where the disk is full", async () => {
  await using folder = await Folder.make({ "a.sql": "select 1;".repeat(200_000) });
  const run = async (script: string) => {
    const { stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", script, "bash", ...programCommand(), "digest", "a.sql"],
      cwd: folder.path,
    }).output();
    return [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  };
  assertEquals(await run('{ "$@"; echo "code $?" >&2; } | head -n 1'), ["SELECT ?\n", "code 0\n"]);
  const [, full = ""] = await run('"$@" > /dev/full; echo "code $?" >&2');
  assert(/^query-sniper: cannot write the digests: "No space left on device.*"\ncode 1\n$/.test(full), full);
});

Deno.test("digest prints what it has read before it waits for more, and ends on SIGINT", async () => {
  const [file = "", ...before] = programCommand();
  await using child = new Deno.Command(file, {
    args: [...before, "digest"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("select 1; select"));
  const reader = child.stdout.getReader();
  assertEquals(new TextDecoder().decode((await reader.read()).value), "SELECT ?\n");
  child.kill("SIGINT");
  assertEquals((await child.status).signal, "SIGINT");
  assertEquals((await reader.read()).done, true);
  await writer.close().catch(() => {});
});
