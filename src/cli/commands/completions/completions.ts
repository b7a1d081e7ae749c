import { quoted } from "../../../text/nearest.ts";
import type { Command } from "../../command.ts";
import { bashScript } from "./completion_bash.ts";
import { fishScript } from "./completion_fish.ts";
import { zshScript } from "./completion_zsh.ts";
import { type CompletionTree, completionTree } from "./completion_tree.ts";
import type { Run } from "../../invocation.ts";
import { type Shell, SHELLS } from "../../shell.ts";
import { UsageError } from "../../usage_error.ts";

const SCRIPTS: Readonly<Record<Shell, (tree: CompletionTree) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** `query-sniper completions`. */
export const completionsOf = (commands: readonly Command[]): Run => ({ arguments: args }, terminal) => {
  const shell = SHELLS.find((shell) => shell === args[0]);
  if (shell === undefined || args.length > 1) {
    const found = args.length === 0 ? "there is none" : args.map(quoted).join(" ");
    throw new UsageError(`completions takes one of ${SHELLS.join(", ")}: ${found}`);
  }
  terminal.print(...SCRIPTS[shell](completionTree(commands)).split("\n"));
  return Promise.resolve(0);
};
