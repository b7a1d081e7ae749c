import { parseArgs } from "@std/cli/parse-args";
import { didYouMean, quoted } from "../text/nearest.ts";
import type { Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { familiarCommand, familiarOption } from "./familiar.ts";
import type { Invocation } from "./invocation.ts";
import { type Option, OPTIONS } from "./option.ts";
import { UsageError } from "./usage_error.ts";

export type CommandLine =
  | { readonly kind: "help"; readonly command?: Command }
  | { readonly kind: "version" }
  | { readonly kind: "command"; readonly command: Command; readonly invocation: Invocation };

/**
 * Reads a command line.
 * @throws {UsageError}
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const [first, ...rest] = args;
  if (first === undefined) throw new UsageError("a command is missing");
  if (first === "--help" || first === "-h") return { kind: "help" };
  if (first === "--version" || first === "-V") return { kind: "version" };
  if (first.startsWith("-")) {
    throw new UsageError(`a command comes first: ${quoted(first)}${familiarOption(first) ?? ""}`);
  }
  const command = findCommand(first);
  const invocation = parseInvocation(command, rest);
  if (invocation.options.has("help")) return { kind: "help", command };
  return { kind: "command", command, invocation };
}

function findCommand(name: string): Command {
  const command = COMMANDS.find((command) => command.name === name);
  if (command !== undefined) return command;
  const near = familiarCommand(name) ?? didYouMean(name, COMMANDS.map(({ name }) => name), '"');
  throw new UsageError(`unknown command: ${quoted(name)}${near}`);
}

function parseInvocation(command: Command, args: readonly string[]): Invocation {
  const options: readonly Option[] = [...command.options, OPTIONS.help];
  const parsed = parseArgs(plainArguments(args, options, command), {
    string: ["_", ...options.filter(({ value }) => value !== undefined).map(({ name }) => name)],
    boolean: options.filter(({ value }) => value === undefined).map(({ name }) => name),
    alias: Object.fromEntries(
      options.flatMap(({ short, name }) => short === undefined ? [] : [[short, name]]),
    ),
    unknown: (argument, key) => key === undefined || unknownOption(argument, options, command),
  });
  refuseTwice(args, options, command);
  const given = new Map<string, string>();
  for (const option of options) {
    const value = parsed[option.name];
    if (value === true) given.set(option.name, "");
    else if (typeof value === "string") given.set(option.name, checkValue(option, value, command));
  }
  if (command.arguments === undefined && parsed._.length > 0) {
    throw new UsageError(`${command.name} takes no arguments: ${quoted(String(parsed._[0]))}`, command.name);
  }
  return { options: given, arguments: parsed._.map(String) };
}

/**
 * Rewrites arguments so that `parseArgs` reads them as meant. It would turn a switch off for `--dry-run=false`, or
 * for a `false` after it, and would read `-cFILE` as many short options.
 */
function plainArguments(
  args: readonly string[],
  options: readonly Option[],
  command: Command,
): readonly string[] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  return args.flatMap((argument, at) => {
    if (at >= end) return argument;
    if (argument === "-" && optionOf(args[at - 1], options) !== undefined) return [];
    // `parseArgs` takes a dash, which stands for standard output, for no value.
    const dashed = args[at + 1] === "-" && at + 1 < end ? optionOf(argument, options) : undefined;
    if (dashed !== undefined) return `--${dashed.name}=-`;
    for (const { name, short, value } of options) {
      const [form] = [`--${name}`, `-${short}`].filter((form) => argument.startsWith(form));
      if (form === undefined) continue;
      const rest = argument.slice(form.length);
      if (value === undefined && rest.startsWith("=")) {
        throw new UsageError(`--${name} takes no value: ${quoted(rest.slice(1))}`, command.name);
      }
      if (value === undefined && rest === "") return `--${name}=true`;
      if (value !== undefined && form.length === 2 && rest !== "") {
        return `--${name}=${rest.replace(/^=/, "")}`;
      }
    }
    return argument;
  });
}

/** The option with a value that an argument names, and the next one is the value of. */
function optionOf(argument: string | undefined, options: readonly Option[]): Option | undefined {
  return options.find(({ name, short, value }) =>
    value !== undefined && (argument === `--${name}` || argument === `-${short}`)
  );
}

/** Of an option that may stand once; of others the last one counts. */
function refuseTwice(args: readonly string[], options: readonly Option[], command: Command): void {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  for (const { name, twice } of options) {
    const form = new RegExp(`^--${name}(?:=|$)`);
    const times = args.slice(0, end).filter((argument) => form.test(argument)).length;
    if (times > 1 && twice !== undefined) {
      throw new UsageError(`--${name} may stand once: ${twice}`, command.name);
    }
  }
}

function unknownOption(argument: string, options: readonly Option[], command: Command): never {
  const word = argument.replace(/=.*/, "");
  const near = familiarOption(word) ?? didYouMean(word, options.map(({ name }) => `--${name}`), '"');
  throw new UsageError(`unknown option of ${command.name}: ${quoted(word)}${near}`, command.name);
}

function checkValue(
  { name, value, choices, isJudgedLater }: Option,
  given: string,
  command: Command,
): string {
  if (given === "") throw new UsageError(`--${name} needs a value: ${value}`, command.name);
  if (choices === undefined || isJudgedLater === true || choices.includes(given)) return given;
  const near = didYouMean(given, choices, '"');
  throw new UsageError(`--${name} is one of ${choices.join(", ")}: ${quoted(given)}${near}`, command.name);
}
