import { assertEquals, assertThrows } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

/** What a command line asks for, as text. */
function parsed(line: string): string {
  const result = parseCommandLine(line.split(" "));
  if (result.kind !== "command") {
    return [result.kind, ...result.kind === "help" ? [result.command?.name] : []].join(" ");
  }
  const options = [...result.invocation.options].map(([name, value]) => `${name}=${value}`);
  return [result.command.name, ...options, ...result.invocation.arguments].join(" ").trimEnd();
}

/** What is wrong with it, and the command whose help would tell more. */
function wrong(args: readonly string[]): string {
  const error = assertThrows(() => parseCommandLine(args), UsageError) as UsageError;
  return [error.message, ...error.command === undefined ? [] : [`[${error.command}]`]].join(" ");
}

Deno.test("parseCommandLine() reads commands, options and arguments", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["run", "run"],
    ["once", "once"],
    ["validate-config", "validate-config"],
    ["run -c x.yaml", "run config=x.yaml"],
    ["run -c=x.yaml", "run config=x.yaml"],
    ["run --config x.yaml", "run config=x.yaml"],
    ["run --config=x.yaml", "run config=x.yaml"],
    ["run --config=a=b", "run config=a=b"],
    ["run --config a --config b", "run config=b"],
    ["run -c 007", "run config=007"],
    ["run -cx.yaml", "run config=x.yaml"],
    ["run -cquery.yaml --dry-run", "run config=query.yaml dry-run="],
    ["run -c false", "run config=false"],
    ["run -c - --dry-run", "run config=- dry-run="],
    ["digest - --query -", "digest query=- -"],
    ["run --dry-run", "run dry-run="],
    ["run --dry-run --dry-run", "run dry-run="],
    ["run --log-format json --log-level=debug", "run log-format=json log-level=debug"],
    ["run --log-format auto", "run log-format=auto"],
    ["run --log-format pretty", "run log-format=pretty"],
    ["once --max-time 5s --dry-run -c x", "once config=x dry-run= max-time=5s"],
    ["validate-config a.yaml 1 2.50", "validate-config a.yaml 1 2.50"],
    ["validate-config a -c b", "validate-config config=b a"],
    ["validate-config -- -x --help", "validate-config -x --help"],
    ["run --", "run"],
  ];
  for (const [line, result] of rows) assertEquals(parsed(line), result, line);
});

Deno.test("parseCommandLine() knows every way to ask for help and the version", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["--help", "help "],
    ["-h", "help "],
    ["help --help", "help help"],
    ["once --help", "help once"],
    ["once -h", "help once"],
    ["once --dry-run -h", "help once"],
    ["--version", "version"],
    ["-V", "version"],
  ];
  for (const [line, result] of rows) assertEquals(parsed(line), result, line);
});

Deno.test("parseCommandLine() refuses what is no command, and names the nearest", () => {
  assertEquals(wrong([]), "a command is missing");
  assertEquals(wrong([""]), 'unknown command: ""');
  assertEquals(wrong(["runn", "--help"]), 'unknown command: "runn" (did you mean "run"?)');
  assertEquals(wrong(["kill"]), 'unknown command: "kill"');
  assertEquals(wrong(["onec"]), 'unknown command: "onec" (did you mean "once"?)');
  assertEquals(wrong(["validate"]), 'unknown command: "validate" (did you mean "validate-config"?)');
  assertEquals(wrong(["-c", "x", "run"]), 'a command comes first: "-c"');
  assertEquals(wrong(["--dry-run", "run"]), 'a command comes first: "--dry-run"');
});

Deno.test("parseCommandLine() refuses what is no option of the command, and names the nearest", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["run --dryrun", 'unknown option of run: "--dryrun" (did you mean "--dry-run"?) [run]'],
    ["run --dry_run=1", 'unknown option of run: "--dry_run" (did you mean "--dry-run"?) [run]'],
    ["run --no-dry-run", 'unknown option of run: "--no-dry-run" (did you mean "--dry-run"?) [run]'],
    ["run --enforce", 'unknown option of run: "--enforce" [run]'],
    ["run --max-time 5s", 'unknown option of run: "--max-time" [run]'],
    ["validate-config --dry-run", 'unknown option of validate-config: "--dry-run" [validate-config]'],
    ["run -x", 'unknown option of run: "-x" [run]'],
    ["run --password=hunter2=x", 'unknown option of run: "--password" [run]'],
    ["run --config.x=1", 'unknown option of run: "--config.x" (did you mean "--config"?) [run]'],
    ["run --__proto__=1", 'unknown option of run: "--__proto__" [run]'],
    ["run --constructor 1", 'unknown option of run: "--constructor" [run]'],
    ["run --=x", 'unknown option of run: "--" [run]'],
  ];
  for (const [line, message] of rows) assertEquals(wrong(line.split(" ")), message, line);
});

Deno.test("parseCommandLine() refuses an option without its value, and a value that is no choice", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["run -c", "--config needs a value: FILE [run]"],
    ["run --config", "--config needs a value: FILE [run]"],
    ["run --config=", "--config needs a value: FILE [run]"],
    ["run -c --dry-run", "--config needs a value: FILE [run]"],
    ["once --max-time", "--max-time needs a value: DURATION [once]"],
    ["run --log-format", "--log-format needs a value: FORMAT [run]"],
    [
      "run --log-format jsn",
      '--log-format is one of auto, json, pretty: "jsn" (did you mean "json"?) [run]',
    ],
    [
      "run --log-format JSON",
      '--log-format is one of auto, json, pretty: "JSON" (did you mean "json"?) [run]',
    ],
    ["run --log-format=xml", '--log-format is one of auto, json, pretty: "xml" [run]'],
    ["run --log-level verbose", '--log-level is one of debug, info, warning, error: "verbose" [run]'],
  ];
  for (const [line, message] of rows) assertEquals(wrong(line.split(" ")), message, line);
});

Deno.test("parseCommandLine() lets nothing turn a switch off", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["run --dry-run=false", '--dry-run takes no value: "false" [run]'],
    ["run --dry-run=true", '--dry-run takes no value: "true" [run]'],
    ["run --dry-run=", '--dry-run takes no value: "" [run]'],
    ["run --dry-run false", 'run takes no arguments: "false" [run]'],
    ["run --dry-run true", 'run takes no arguments: "true" [run]'],
    ["run --dry-run --dry-run=false", '--dry-run takes no value: "false" [run]'],
    ["run -c --dry-run=false", '--dry-run takes no value: "false" [run]'],
    ["once --help=no", '--help takes no value: "no" [once]'],
    ["once -h=no", '--help takes no value: "no" [once]'],
    ["run -- --dry-run=false", 'run takes no arguments: "--dry-run=false" [run]'],
  ];
  for (const [line, message] of rows) assertEquals(wrong(line.split(" ")), message, line);
});

Deno.test("parseCommandLine() refuses arguments where none are taken", () => {
  assertEquals(wrong(["run", "x.yaml"]), 'run takes no arguments: "x.yaml" [run]');
  assertEquals(wrong(["once", "-c", "x", "y"]), 'once takes no arguments: "y" [once]');
  assertEquals(wrong(["run", "--", "-c"]), 'run takes no arguments: "-c" [run]');
  assertEquals(wrong(["run", ""]), 'run takes no arguments: "" [run]');
});

Deno.test("parseCommandLine() shows no control character of what it was given", () => {
  assertEquals(wrong(["\u001b[31m"]), String.raw`unknown command: "\u001b[31m"`);
  assertEquals(wrong(["run", "--\u0007"]), String.raw`unknown option of run: "--\u0007" [run]`);
  assertEquals(wrong(["run", "a\nb"]), String.raw`run takes no arguments: "a\nb" [run]`);
});

Deno.test("no option that a command takes can arm what the configuration does not", () => {
  for (const { options, name } of COMMANDS) {
    const words = options.flatMap((option) => [option.name, ...option.choices ?? []]);
    assertEquals(words.filter((word) => /enforce|force|arm|kill|mode/.test(word)), [], name);
  }
});
