import type { Command } from "./command.ts";
import { type Option, OPTIONS } from "./option.ts";
import { table } from "./table.ts";
import { TOPICS } from "./commands/help/topic.ts";

/** The help of the program. */
export function programHelp(commands: readonly Command[]): readonly string[] {
  return [
    "Kills the queries that hurt MySQL and MariaDB servers: the right ones, and only those.",
    "",
    "Usage: query-sniper COMMAND [OPTION…]",
    "",
    "Commands:",
    ...table(commands.map(({ name, summary }) => [name, summary])),
    "",
    "Options:",
    ...optionTable([OPTIONS.help, OPTIONS.version]),
    "",
    "Topics:",
    ...table(TOPICS.map(({ name, summary }) => [name, summary])),
    "",
    "query-sniper help COMMAND or help TOPIC tells more.",
    "Exit codes: 0 done · 1 something could not be done · 2 the command line or configuration is wrong",
  ];
}

/** The help of one of its commands. */
export function commandHelp(
  { name, summary, details, arguments: args, options }: Command,
): readonly string[] {
  return [
    `query-sniper ${name}: ${summary}`,
    "",
    ...details.split("\n"),
    "",
    `Usage: query-sniper ${[name, "[OPTION…]", args ?? ""].join(" ").trimEnd()}`,
    "",
    "Options:",
    ...optionTable([...options, OPTIONS.help]),
  ];
}

function optionTable(options: readonly Option[]): readonly string[] {
  return table(options.map(({ name, short, value, choices, help }) => {
    const form = `${short === undefined ? "    " : `-${short}, `}--${name}${
      value === undefined ? "" : ` ${value}`
    }`;
    return [form, choices === undefined ? help : `${choices.join(", ")}; ${help}`];
  }));
}
