import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { EXAMPLES } from "../../src/cli/commands/init/example.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { Folder } from "../config/folder.ts";
import { programCommand, runProgram } from "../program.ts";

Deno.test("init writes three files that are valid as they are: a dry run of one policy on one database", async () => {
  await using folder = await Folder.make({});
  const { code, stdout, stderr } = await runProgram(["init"], { cwd: folder.path });
  assertEquals([code, stderr], [0, ""]);
  for (const { name, text } of EXAMPLES) assertEquals(await Deno.readTextFile(folder.file(name)), text);
  assertEquals((await Deno.stat(folder.file("credentials.yaml"))).mode! & 0o777, 0o600);
  const commands = stdout.match(/(?<=^ {2}query-sniper ).*?(?= *#)/gm)!;
  assertEquals(commands, [
    "validate-config query-sniper.yaml",
    "test tests.yaml",
    "grants -c query-sniper.yaml",
    "check -c query-sniper.yaml",
    "explain -c query-sniper.yaml",
    "run -c query-sniper.yaml",
  ]);
  // The others would ask a server that may be running here.
  for (const command of commands.slice(3)) {
    assertEquals(parseCommandLine(command.split(" ")).kind, "command");
  }
  const [valid, tested, grants] = await Promise.all(
    commands.slice(0, 3).map((line) => runProgram(line.split(" "), { cwd: folder.path })),
  );
  assertEquals([tested!.code, tested!.stderr, tested!.stdout], [0, "", "1 passed, 0 failed\n"]);
  assertEquals([valid!.code, valid!.stderr], [0, ""]);
  const [first, journal, ...rest] = valid!.stdout.trim().split("\n");
  assertEquals(first, "query-sniper.yaml: valid");
  assertEquals(journal, "journal: query-sniper.sqlite, kept for 400d and up to 2GiB");
  assertEquals(rest.filter((line) => /^\w/.test(line)).length, 1, "one database");
  assertStringIncludes(rest[0]!, "first (127.0.0.1:3306): dry-run");
  assertEquals(rest.filter((line) => /: kill/.test(line)).length, 1, "one policy");
  assertEquals([grants!.code, grants!.stderr], [0, ""]);
});

Deno.test("init makes the folder that it is told, and its commands name the file there", async () => {
  await using folder = await Folder.make({});
  const { code, stdout } = await runProgram(["init", "etc/it's here"], { cwd: folder.path });
  assertEquals(code, 0);
  assertStringIncludes(stdout, "query-sniper run -c 'etc/it'\\''s here/query-sniper.yaml'");
  assertEquals((await Deno.stat(folder.file("etc/it's here/credentials.yaml"))).mode! & 0o777, 0o600);
});

Deno.test("init honours the umask, but nobody else ever reads the credentials", async () => {
  await using folder = await Folder.make({});
  const modes = [];
  for (const umask of ["0000", "0027", "0077"]) {
    const { code } = await new Deno.Command("bash", {
      args: [
        "-c",
        'umask "$1"; shift; exec "$@"',
        "bash",
        umask,
        ...programCommand(),
        "init",
        join(folder.path, umask),
      ],
      stdout: "null",
    }).output();
    assertEquals(code, 0);
    modes.push(
      await Promise.all(EXAMPLES.map(async ({ name }) => {
        const { mode } = await Deno.stat(folder.file(`${umask}/${name}`));
        return (mode! & 0o777).toString(8);
      })),
    );
  }
  assertEquals(modes, [["666", "600", "666"], ["640", "600", "640"], ["600", "600", "600"]]);
});

Deno.test("init overwrites nothing: where any of the files is there, it is left alone", async () => {
  await Promise.all(EXAMPLES.map(async ({ name }) => {
    await using folder = await Folder.make({ [name]: "mine\n" });
    const { code, stdout, stderr } = await runProgram(["init"], { cwd: folder.path });
    assertEquals([code, stdout], [1, ""]);
    assertEquals(stderr, `query-sniper: nothing was written, this is there already: "${name}"\n`);
    assertEquals(await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name), [name]);
    assertEquals(await Deno.readTextFile(folder.file(name)), "mine\n");
  }));
});

Deno.test("init says why it cannot write, and leaves nothing behind", async () => {
  await using folder = await Folder.make({ file: "" });
  await Deno.symlink("nowhere", folder.file("credentials.yaml"));
  const inFile = await runProgram(["init", "file/below"], { cwd: folder.path });
  assertEquals([inFile.code, inFile.stdout], [1, ""]);
  assertStringIncludes(inFile.stderr, 'query-sniper: nothing was written, cannot write to "file/below": ');
  const link = await runProgram(["init"], { cwd: folder.path });
  assertEquals([link.code, link.stderr.includes("there already")], [1, true]);
  const names = await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name);
  assertEquals(names.toSorted(), ["credentials.yaml", "file"]);
  const two = await runProgram(["init", "a", "b"], { cwd: folder.path });
  assertEquals([two.code, two.stderr.split("\n")[0]], [2, 'query-sniper: init takes one folder: "b"']);
});
