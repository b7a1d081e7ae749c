import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { OPTIONS } from "../../src/cli/option.ts";
import project from "../../deno.json" with { type: "json" };
import { Folder } from "../config/folder.ts";
import { runProgram } from "../program.ts";

Deno.test("--help names every command, on standard output", async () => {
  const { code, stdout, stderr } = await runProgram(["--help"]);
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "\nUsage: query-sniper COMMAND [OPTION…]\n");
  assertStringIncludes(stdout, "\n  -h, --help     show this help\n  -V, --version  show the version\n");
  for (const { name, summary } of COMMANDS) {
    assertStringIncludes(stdout, `  ${name.padEnd(15)}  ${summary}\n`);
  }
  assertStringIncludes(stdout, "\nExit codes: 0 done · 1 something could not be done · 2 ");
});

Deno.test("each command's --help names its options, and help COMMAND says the same", async () => {
  await Promise.all(COMMANDS.map(async ({ name, summary, details, options }) => {
    const { code, stdout, stderr } = await runProgram([name, "--help"]);
    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout.split("\n")[0], `query-sniper ${name}: ${summary}`);
    assertStringIncludes(stdout, `\n${details}\n`);
    assertStringIncludes(stdout, `\nUsage: query-sniper ${name} [OPTION…]`);
    for (const option of [...options, OPTIONS.help]) assertStringIncludes(stdout, `--${option.name}`);
    assertEquals((await runProgram(["help", name])).stdout, stdout);
    assertEquals(stdout.split("\n").filter((line) => line.length > 100), []);
  }));
});

Deno.test("--version says the version of deno.json", async () => {
  assertEquals(await runProgram(["--version"]), {
    code: 0,
    stdout: `query-sniper ${project.version}\n`,
    stderr: "",
  });
});

Deno.test("a wrong command line exits with 2, and says where to read more", async () => {
  const rows: readonly (readonly [args: readonly string[], stderr: string])[] = [
    [[], "query-sniper: a command is missing\nRun query-sniper --help for more.\n"],
    [
      ["rn"],
      'query-sniper: unknown command: "rn" (did you mean "run"?)\nRun query-sniper --help for more.\n',
    ],
    [
      ["once", "--dryrun"],
      'query-sniper: unknown option of once: "--dryrun" (did you mean "--dry-run"?)\n' +
      "Run query-sniper once --help for more.\n",
    ],
  ];
  await Promise.all(rows.map(async ([args, stderr]) => {
    assertEquals(await runProgram(args), { code: 2, stdout: "", stderr });
  }));
});

Deno.test("without a configuration each command that needs one exits with 2, and says where it looked", async () => {
  await using folder = await Folder.make({});
  const commands = COMMANDS.filter(({ options }) => options.includes(OPTIONS.config));
  await Promise.all(commands.map(async ({ name }) => {
    const { code, stdout, stderr } = await runProgram([name], { cwd: folder.path });
    assertEquals([code, stdout], [2, ""]);
    assertEquals(
      stderr,
      "query-sniper: no configuration: neither -c nor $QUERY_SNIPER_CONFIG names one, and there is no " +
        `query-sniper.yaml and no /etc/query-sniper/query-sniper.yaml\nRun query-sniper ${name} --help for more.\n`,
    );
  }));
});

Deno.test("the configuration is -c, else $QUERY_SNIPER_CONFIG, else query-sniper.yaml here", async () => {
  const yaml = "databases: [{ name: orders, host: db1 }]\n";
  await using folder = await Folder.make({
    "query-sniper.yaml": yaml,
    "env.yaml": yaml,
    "option.yaml": yaml,
  });
  const cwd = folder.path;
  const env = { QUERY_SNIPER_CONFIG: "env.yaml" };
  const first = async (args: readonly string[], env: Readonly<Record<string, string>>) =>
    (await runProgram(["validate-config", ...args], { cwd, env })).stdout.split("\n")[0];
  assertEquals(
    await Promise.all([
      first(["-c", "option.yaml"], env),
      first([], env),
      first([], { QUERY_SNIPER_CONFIG: "" }),
      first([], {}),
    ]),
    ["option.yaml: valid", "env.yaml: valid", "query-sniper.yaml: valid", "query-sniper.yaml: valid"],
  );
});

Deno.test("validate-config says what it understood", async () => {
  await using folder = await Folder.make({
    "query-sniper.yaml": `
limits: { lag: 30s }
policies:
  - { name: reads, when: lag > limits.lag, for: 5s, where: running, then: kill query }
  - { name: idle, where: idle_time > 1h, then: log, mode: dry-run }
protect: [user = 'backup']
databases:
  - { name: orders, host: db1, mode: enforce, interval: 500ms, ssl_mode: required }
  - { name: local, socket: /run/mysqld.sock, budget: { kills: 5, per: 1h }, policies: { reads: off } }
`,
    "credentials.yaml": "default: { user: sniper, password: hunter2 }\n",
  });
  const { code, stdout, stderr } = await runProgram(["validate-config"], { cwd: folder.path });
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout.split("\n"), [
    "query-sniper.yaml: valid",
    "journal: query-sniper.sqlite, kept for 400d and up to 2GiB",
    "orders (db1:3306): enforce, a look every 500ms, ssl_mode required, 30 kills and 20%, at least 5, per 1m, as sniper with password ***",
    "  lease on, verify 5s, grace 10s",
    "  limits: lag 30s",
    "  reads: kill query when lag > limits.lag for 5s, where running",
    "  idle (dry-run): log when always, where idle_time > 1h",
    "  protected: user = 'backup'",
    "local (/run/mysqld.sock): dry-run, a look every 1s, ssl_mode preferred, 5 kills and 20%, at least 5, per 1h, as sniper with password ***",
    "  lease on, verify 5s, grace 10s",
    "  limits: lag 30s",
    "  idle (dry-run): log when always, where idle_time > 1h",
    "  protected: user = 'backup'",
    "",
  ]);
  assert(!stdout.includes("hunter2"));
});
