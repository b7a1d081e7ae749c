import {
  graceOf,
  GROUP_REASONS,
  type GroupDecision,
  GroupReplay,
  groupRules,
  headerOf,
  lookOf,
} from "../../../shards/policy/mod.ts";
import { clauseText } from "../../../events/mod.ts";
import { printable } from "../../../text/control.ts";
import { ioReason } from "../../../yaml/mod.ts";
import type { Terminal } from "../../invocation.ts";
import type { PolicyTask } from "./policy_look.ts";

/** `shards replay FILE`: asks the policies about what was recorded. Connects nowhere. */
export const replay: PolicyTask = async ({ sharding, databases, json, terminal, arguments: [file = ""] }) => {
  const lines = await linesOf(file, terminal);
  if (lines === undefined) return 2;
  const wrong = (line: number, message: string) => {
    terminal.warn(`${printable(file)}:${line}: ${message}`);
    return 2;
  };
  const header = headerOf(lines[0] ?? "");
  if (typeof header === "string") return wrong(1, header);
  const grace = graceOf({ sharding, databases });
  // As it would be if it were armed: the waits after changes are part of what is replayed.
  const replay = new GroupReplay({ ...groupRules(sharding, grace), mode: "enforce" });
  let looks = 0;
  let acts = 0;
  for (const [index, line] of lines.slice(1).entries()) {
    if (line === "") continue;
    const look = lookOf(line);
    if (typeof look === "string") {
      // The last line may have been cut when the recording was ended by force.
      if (index === lines.length - 2) break;
      return wrong(index + 2, look);
    }
    looks++;
    const { wall, decisions } = replay.next(look);
    acts += decisions.filter(({ outcome, action }) => outcome === undefined && action !== "log").length;
    const at = new Date(wall).toISOString();
    for (const decision of decisions) {
      terminal.print(json ? JSON.stringify({ at, ...decision }) : `${at} ${decisionText(decision)}`);
    }
  }
  if (!json) {
    terminal.print(
      `${looks} looks, ${acts} changes: each counts as done at once, and the shards stay as recorded`,
    );
  }
  return 0;
};

function decisionText({ policy, action, shard, mode, because, outcome }: GroupDecision): string {
  const whose = shard === undefined ? "" : ` ${shard}`;
  const dry = mode === "dry-run" ? " (dry-run)" : "";
  const note = outcome?.note === undefined ? "" : `: ${outcome.note}`;
  const why = outcome === undefined ? "" : `, skipped: ${GROUP_REASONS[outcome.skipped]}${note}`;
  return printable(`${policy}: ${action}${whose}${dry}${why}; ${because.map(clauseText).join(", ")}`);
}

async function linesOf(file: string, terminal: Terminal): Promise<readonly string[] | undefined> {
  try {
    return (await Deno.readTextFile(file)).split("\n");
  } catch (error) {
    terminal.warn(`query-sniper: cannot read ${printable(file)}: ${ioReason(error)}`);
    return undefined;
  }
}
