import type { CommandPlaces, CompletionPlace, CompletionTree, OptionPlace } from "./completion_tree.ts";

/** A script for zsh, to be sourced after compinit, or to be put into a folder of $fpath as _query-sniper. */
export function zshScript({ options, commands }: CompletionTree): string {
  return `#compdef query-sniper
# Completes command lines of query-sniper in zsh: source <(query-sniper completions zsh)
_query-sniper() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join("\n")}
  )
  _arguments -C \\
${options.flatMap(optionSpecs).map((spec) => `    ${spec} \\`).join("\n")}
    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      case $words[1] in
${commands.map(commandCase).join("\n")}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _query-sniper ]]; then
  _query-sniper "$@"
else
  compdef _query-sniper query-sniper
fi`;
}

function commandCase({ name, options, argument }: CommandPlaces): string {
  const specs = [
    ...options.flatMap(optionSpecs),
    ...argument === undefined ? [] : [quote(`*:argument:${action(argument)}`)],
  ];
  return [
    `        ${name})`,
    "          _arguments \\",
    specs.map((spec) => `            ${spec}`).join(" \\\n"),
    "          ;;",
  ].join("\n");
}

/** An option with a short form is listed as two, which exclude each other. */
function optionSpecs({ long, short, help, value }: OptionPlace): readonly string[] {
  const both = short === undefined ? "" : `(-${short} --${long})`;
  const rest = `[${help.replace(/[\][\\]/g, "\\$&")}]${
    value === undefined ? "" : `:${value.name}:${action(value.place)}`
  }`;
  const sign = value === undefined ? "" : "=";
  return [
    quote(`${both}--${long}${sign}${rest}`),
    ...short === undefined ? [] : [quote(`${both}-${short}${rest}`)],
  ];
}

function action(place: CompletionPlace): string {
  switch (place.kind) {
    case "words":
      return `(${place.words.join(" ")})`;
    case "files":
      return "_files";
    case "folders":
      return "_files -/";
    case "anything":
      return " ";
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
