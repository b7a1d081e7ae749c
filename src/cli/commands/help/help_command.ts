import { didYouMean, quoted } from "../../../text/nearest.ts";
import type { Command } from "../../command.ts";
import { commandHelp, programHelp } from "../../help.ts";
import type { Run } from "../../invocation.ts";
import { TOPICS } from "./topic.ts";
import { UsageError } from "../../usage_error.ts";

/** `query-sniper help`. */
export const helpOf = (commands: readonly Command[]): Run => async (invocation, terminal) => {
  const [subject, ...rest] = invocation.arguments;
  if (rest.length > 0) throw new UsageError(`help takes one command or topic: ${quoted(rest[0]!)}`);
  terminal.print(...subject === undefined ? programHelp(commands) : await helpOn(subject, commands));
  return 0;
};

/** @throws {UsageError} If there is neither a command nor a topic of this name. */
async function helpOn(subject: string, commands: readonly Command[]): Promise<readonly string[]> {
  const command = commands.find(({ name }) => name === subject);
  if (command !== undefined) return commandHelp(command);
  const topic = TOPICS.find(({ name }) => name === subject);
  if (topic !== undefined) return (await topic.load())();
  const near = didYouMean(subject, [...commands, ...TOPICS].map(({ name }) => name), '"');
  throw new UsageError(`neither a command nor a topic of help: ${quoted(subject)}${near}`);
}
