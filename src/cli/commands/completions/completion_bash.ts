import type { CommandPlaces, CompletionPlace, CompletionTree, OptionPlace } from "./completion_tree.ts";

/** A script for bash 3.2 and later: macOS has that one. */
export function bashScript({ options, commands }: CompletionTree): string {
  return `# Completes command lines of query-sniper in bash: eval "$(query-sniper completions bash)"
_query_sniper() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]}
  # bash splits --option=value at its sign
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  local words= place= flags=
  if ((COMP_CWORD == 1)); then
    words='${[...commands.map(({ name }) => name), ...options.flatMap(forms)].join(" ")}'
  else
    case $command in
${commands.map(commandCase).join("\n")}
    esac
    if [[ -z $place && ( $word == -* || -z $words ) ]]; then words=$flags; fi
  fi
  COMPREPLY=()
  local IFS=$'\\n'
  case $place in
    files) COMPREPLY=($(compgen -f -- "$word")) ;;
    folders) COMPREPLY=($(compgen -d -- "$word")) ;;
    anything) ;;
    *) COMPREPLY=($(IFS=' '; compgen -W "$words" -- "$word")) ;;
  esac
  if [[ $place == files || $place == folders ]]; then compopt -o filenames 2>/dev/null; fi
}
complete -F _query_sniper query-sniper`;
}

function commandCase({ name, options, argument }: CommandPlaces): string {
  const values = options.flatMap((option) =>
    option.value === undefined
      ? []
      : [`          ${forms(option).join(" | ")}) ${reply(option.value.place)} ;;`]
  );
  return [
    `      ${name})`,
    `        flags='${options.flatMap(forms).join(" ")}'`,
    "        case $before in",
    ...values,
    `          *) ${argument === undefined ? ":" : argumentReply(argument)} ;;`,
    "        esac",
    "        ;;",
  ].join("\n");
}

function reply(place: CompletionPlace): string {
  return place.kind === "words" ? `words='${place.words.join(" ")}' place=words` : `place=${place.kind}`;
}

/** Options are allowed wherever arguments are. */
function argumentReply(place: CompletionPlace): string {
  return place.kind === "words"
    ? `words='${place.words.join(" ")}'`
    : `[[ $word == -* ]] || place=${place.kind}`;
}

function forms({ long, short }: OptionPlace): readonly string[] {
  return [`--${long}`, ...short === undefined ? [] : [`-${short}`]];
}
