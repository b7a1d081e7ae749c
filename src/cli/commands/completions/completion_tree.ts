import type { Command } from "../../command.ts";
import { type Option, OPTIONS } from "../../option.ts";

/** What is allowed at a position of the command line: certain words, file names, or anything. */
export type CompletionPlace =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "files" | "folders" | "anything" };

/** An option as shells know it. */
export interface OptionPlace {
  readonly long: string;
  readonly short: string | undefined;
  readonly help: string;
  /** The name of its value, and what that may be; absent if it has none. */
  readonly value: { readonly name: string; readonly place: CompletionPlace } | undefined;
}

/** A command as shells know it. */
export interface CommandPlaces {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionPlace[];
  /** What its arguments may be; absent if it has none. */
  readonly argument: CompletionPlace | undefined;
}

/** Everything that can be completed. */
export interface CompletionTree {
  /** Options that take the place of a command. */
  readonly options: readonly OptionPlace[];
  readonly commands: readonly CommandPlaces[];
}

/** Makes the tree from the table of commands. */
export function completionTree(commands: readonly Command[]): CompletionTree {
  return {
    options: [OPTIONS.help, OPTIONS.version].map(optionPlace),
    commands: commands.map((command) => ({
      name: command.name,
      summary: command.summary,
      options: [...command.options, OPTIONS.help].map(optionPlace),
      argument: command.arguments === undefined
        ? undefined
        : placeOf(command.arguments, command.argumentChoices?.()),
    })),
  };
}

function optionPlace({ name, short, help, value, choices }: Option): OptionPlace {
  return {
    long: name,
    short,
    help,
    value: value === undefined ? undefined : { name: value, place: placeOf(value, choices) },
  };
}

/** Whether a value is a file name can be told from its name in the help. */
function placeOf(name: string, words: readonly string[] | undefined): CompletionPlace {
  if (words !== undefined) return { kind: "words", words };
  if (/\bFILE\b/.test(name)) return { kind: "files" };
  return { kind: /\bDIR\b/.test(name) ? "folders" : "anything" };
}
