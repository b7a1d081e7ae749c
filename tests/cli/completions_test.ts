import { assert, assertEquals, assertMatch } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { SHELLS } from "../../src/cli/shell.ts";
import { TOPICS } from "../../src/cli/commands/help/topic.ts";
import { Folder } from "../config/folder.ts";
import { runProgram } from "../program.ts";

const names = COMMANDS.map(({ name }) => name);

/** The scripts, by shell; asked for once. */
const scripts = new Map(
  await Promise.all(SHELLS.map(async (shell) => {
    const { code, stdout, stderr } = await runProgram(["completions", shell]);
    assertEquals([code, stderr], [0, ""]);
    return [shell, stdout] as const;
  })),
);

Deno.test("each script has every command, option and value of the tables", () => {
  const words = COMMANDS.flatMap(({ name, options, argumentChoices }) => [
    name,
    ...options.flatMap(({ name, choices = [] }) => [name, ...choices]),
    ...argumentChoices?.() ?? [],
  ]);
  for (const [shell, script] of scripts) {
    const there = new Set(script.split(/[^a-z-]+/).map((word) => word.replace(/^--/, "")));
    assertEquals([...new Set(words)].filter((word) => !there.has(word)), [], shell);
  }
});

Deno.test("completions without a shell that it knows is a wrong command line", async () => {
  const rows = [
    [["completions"], "there is none"],
    [["completions", "ksh"], '"ksh"'],
    [["completions", "bash", "zsh"], '"bash" "zsh"'],
  ] as const;
  for (const [args, found] of rows) {
    const { code, stdout, stderr } = await runProgram(args);
    assertEquals([code, stdout, stderr.split("\n")[0]], [
      2,
      "",
      `query-sniper: completions takes one of bash, zsh, fish: ${found}`,
    ]);
  }
});

/** What is completed, in the middle of the last word, and what to. Files: `a.yaml`, `b c.yaml`, `folder`. */
const CASES: readonly (readonly [line: string, words: readonly string[]])[] = [
  ["", [...names, "--help", "-h", "--version", "-V"]],
  ["on", ["once"]],
  ["--v", ["--version"]],
  ["once --log-f", ["--log-format"]],
  ["once --log-format ", ["auto", "json", "pretty"]],
  ["once --log-format p", ["pretty"]],
  ["once --dry-run --log-level w", ["warning"]],
  ["once -c ", ["a.yaml", "b c.yaml", "folder"]],
  ["once -c a", ["a.yaml"]],
  ["once --max-time ", []],
  ["validate-config a", ["a.yaml"]],
  ["validate-config a.yaml --conf", ["--config"]],
  ["grants --flavor ", ["mysql", "mariadb"]],
  ["init ", ["folder"]],
  ["completions ", SHELLS],
  ["help ", [...names, ...TOPICS.map(({ name }) => name)]],
  ["help ev", ["events"]],
];

async function folderOfFiles(shell: typeof SHELLS[number]): Promise<Folder> {
  const script = scripts.get(shell)!;
  const folder = await Folder.make({ "here/a.yaml": "", "here/b c.yaml": "", script });
  await Deno.mkdir(folder.file("here/folder"));
  return folder;
}

async function run(command: readonly string[], folder: Folder): Promise<readonly string[]> {
  const [file, ...args] = command;
  const { code, stdout, stderr } = await new Deno.Command(file!, { args, cwd: folder.file("here") }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  return new TextDecoder().decode(stdout).split(/^@@@@$\n?/m);
}

/** The lines of each answer, sorted, beside what they should be. */
function assertCompletes(
  answers: readonly string[],
  wanted: (words: readonly string[], line: string) => readonly string[] = (words) => words,
): void {
  for (const [index, [line, words]] of CASES.entries()) {
    const found = answers[index]!.split("\n").filter((word) => word !== "");
    assertEquals(found.toSorted(), wanted(words, line).toSorted(), `query-sniper ${line}`);
  }
}

/** Whether a shell is there. Where it is not, its script is not run, and that is said. */
async function isInstalled(shell: string): Promise<boolean> {
  try {
    return (await new Deno.Command(shell, { args: ["--version"], stdout: "null" }).output()).success;
  } catch {
    const message = `No ${shell} on this machine, so its completions are not run: apt-get install ${shell}`;
    Deno.stderr.writeSync(new TextEncoder().encode(`\n*** ${message}\n`));
    return false;
  }
}

const [hasZsh, hasFish] = await Promise.all([isInstalled("zsh"), isInstalled("fish")]);

Deno.test("bash completes commands, options, values and files", async () => {
  await using folder = await folderOfFiles("bash");
  const lines = CASES.flatMap(([line]) => {
    const words = ["query-sniper", ...line.split(" ")];
    const array = words.map((word) => `'${word}'`).join(" ");
    return [
      `COMP_WORDS=(${array}) COMP_CWORD=${words.length - 1}`,
      "_query_sniper",
      'printf "%s\\n" "${COMPREPLY[@]}" @@@@',
    ];
  });
  const script = ["source ../script", "complete -p query-sniper", "echo @@@@", ...lines].join("\n");
  const [registered, ...answers] = await run(["bash", "-c", script], folder);
  assertEquals(registered, "complete -F _query_sniper query-sniper\n");
  assertCompletes(answers);
});

Deno.test("bash completes what stands behind an equals sign", async () => {
  await using folder = await folderOfFiles("bash");
  const script = `source ../script
    for last in = '= p'; do
      COMP_WORDS=(query-sniper once --log-format $last) COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _query_sniper
      echo "\${COMPREPLY[@]}"
    done`;
  assertEquals(await run(["bash", "-c", script], folder), ["auto json pretty\npretty\n"]);
});

Deno.test({
  name: "fish completes commands, options, values and files",
  ignore: !hasFish,
  async fn() {
    await using folder = await folderOfFiles("fish");
    const lines = CASES.map(([line]) =>
      `complete -C 'query-sniper ${line}' | string replace -r '\\t.*' ''; echo @@@@`
    );
    const answers = await run(
      ["fish", "--no-config", "-c", ["source ../script", ...lines].join("\n")],
      folder,
    );
    // fish offers options behind a dash only, writes folders with a slash, and escapes a space.
    assertCompletes(
      answers,
      (words, line) =>
        words.filter((word) => !word.startsWith("-") || /(?:^|\s)-\S*$/.test(line))
          .map((word) => word === "folder" ? "folder/" : word),
    );
  },
});

Deno.test({
  name: "zsh is given the words of every command, and its own functions take them",
  ignore: !hasZsh,
  async fn() {
    await using folder = await folderOfFiles("zsh");
    const asked = names.map((name) => `words=(${name}) state=; _query-sniper; echo @@@@`);
    const script = `
      compdef() { print -r -- "$@"; }
      source ../script
      echo @@@@
      _arguments() { if [[ $1 == -C ]]; then state=argument; else print -rl -- "$@"; fi }
      ${asked.join("\n")}
      _arguments() { state=command; }
      _describe() { print -rl -- "\${commands[@]}"; }
      _query-sniper`;
    const [registered, ...answers] = await run(["zsh", "-f", "-c", script], folder);
    assertEquals(registered, "_query-sniper query-sniper\n");
    for (const [index, { name, options }] of COMMANDS.entries()) {
      for (const option of options) assertMatch(answers[index]!, new RegExp(`--${option.name}=?\\[`), name);
    }
    const commands = answers.at(-1)!.trim().split("\n");
    assertEquals(commands, COMMANDS.map(({ name, summary }) => `${name}:${summary}`));
    assert(
      answers[names.indexOf("once")]!.includes(
        "--log-format=[auto (default): pretty on a terminal, else json]:FORMAT:(auto json pretty)",
      ),
    );
    assert(answers[names.indexOf("init")]!.includes("*:argument:_files -/"));
  },
});
