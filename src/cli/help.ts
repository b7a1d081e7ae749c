import { type Command, COMMANDS } from "./command.ts";
import { type Option, OPTIONS } from "./option.ts";

/** The help of the program, or of one of its commands. */
export function helpText(command?: Command): string {
  return command === undefined ? programHelp() : commandHelp(command);
}

function programHelp(): string {
  return [
    "Kills the queries that hurt MySQL and MariaDB servers: the right ones, and only those.",
    "",
    "Usage: query-sniper COMMAND [OPTION…]",
    "",
    "Commands:",
    ...table(COMMANDS.map(({ name, summary }) => [name, summary])),
    "",
    "Options:",
    ...optionTable([OPTIONS.help, OPTIONS.version]),
    "",
    "query-sniper COMMAND --help tells more of a command.",
    "Exit codes: 0 done · 1 something could not be done · 2 the command line or configuration is wrong",
  ].join("\n");
}

function commandHelp({ name, summary, details, arguments: args, options }: Command): string {
  return [
    `query-sniper ${name}: ${summary}`,
    "",
    details,
    "",
    `Usage: query-sniper ${[name, "[OPTION…]", args ?? ""].join(" ").trimEnd()}`,
    "",
    "Options:",
    ...optionTable([...options, OPTIONS.help]),
  ].join("\n");
}

function optionTable(options: readonly Option[]): readonly string[] {
  return table(options.map(({ name, short, value, choices, help }) => {
    const form = `${short === undefined ? "    " : `-${short}, `}--${name}${
      value === undefined ? "" : ` ${value}`
    }`;
    return [form, choices === undefined ? help : `${choices.join(", ")}; ${help}`];
  }));
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.flatMap(([left, right]) =>
    wrap(right, LINE_WIDTH - width - 4).map((line, index) =>
      `  ${(index === 0 ? left : "").padEnd(width)}  ${line}`
    )
  );
}

/** How wide a line of the help may be. */
const LINE_WIDTH = 100;

/** Breaks a text between words, so that no line is longer than `width`. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
