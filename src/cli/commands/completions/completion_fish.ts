import type { CommandPlaces, CompletionPlace, CompletionTree, OptionPlace } from "./completion_tree.ts";

/** A script for fish 3 and later. */
export function fishScript({ options, commands }: CompletionTree): string {
  return [
    "# Completes command lines of query-sniper in fish:",
    "# query-sniper completions fish > ~/.config/fish/completions/query-sniper.fish",
    "function __query_sniper_after --description 'Whether this command was typed; without one, whether none was'",
    "    set -l words (commandline -opc)",
    '    test "$words[2]" = "$argv[1]"',
    "end",
    "complete -c query-sniper -f",
    ...options.map((option) => line("", optionWords(option))),
    ...commands.flatMap(commandLines),
  ].join("\n");
}

function commandLines({ name, summary, options, argument }: CommandPlaces): readonly string[] {
  return [
    line("", ["-a", quote(name), "-d", quote(summary)]),
    ...argument === undefined ? [] : [line(name, placeWords(argument))],
    ...options.map((option) => line(name, optionWords(option))),
  ];
}

function line(command: string, words: readonly string[]): string {
  return ["complete -c query-sniper -n", quote(`__query_sniper_after ${quote(command)}`), ...words].join(" ");
}

function optionWords({ long, short, help, value }: OptionPlace): readonly string[] {
  return [
    ...["-l", long],
    ...short === undefined ? [] : ["-s", short],
    ...value === undefined ? [] : [value.place.kind === "files" ? "-r" : "-x", ...placeWords(value.place)],
    ...["-d", quote(help)],
  ];
}

function placeWords(place: CompletionPlace): readonly string[] {
  switch (place.kind) {
    case "words":
      return ["-a", quote(place.words.join(" "))];
    case "files":
      return ["-F"];
    case "folders":
      return ["-a", quote("(__fish_complete_directories)")];
    case "anything":
      return [];
  }
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
