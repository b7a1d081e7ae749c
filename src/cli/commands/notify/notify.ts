import { systemClock } from "../../../clock.ts";
import type { ChannelConfig } from "../../../config/mod.ts";
import { PostError, tryChannel } from "../../../notify/mod.ts";
import { didYouMean, quoted } from "../../../text/nearest.ts";
import { findConfigFile, readConfig } from "../../config_file.ts";
import type { Run } from "../../invocation.ts";
import { telemetryProblem } from "../../telemetry.ts";
import { UsageError } from "../../usage_error.ts";

/** `query-sniper notify`. */
export const notify: Run = async (invocation, terminal) => {
  const file = await findConfigFile(invocation, terminal);
  const name = nameOf(invocation.arguments);
  const config = await readConfig(file, "if-present", terminal);
  if (config === undefined) return 2;
  const problem = await telemetryProblem(config, terminal.environment);
  if (problem !== undefined) {
    terminal.warn(problem);
    return 2;
  }
  const { to } = channelOf(config.notify, name);
  if (to === undefined) return 2; // A warning has said what is missing.
  try {
    const answers = await tryChannel(name, to, systemClock.wall());
    terminal.print(
      ...answers.map(({ status, text }) =>
        `${name}: answered with ${status}${text === "" ? "" : `: ${text}`}`
      ),
    );
    return 0;
  } catch (error) {
    if (!(error instanceof PostError)) throw error;
    terminal.warn(`${name}: ${error.message}`);
    return 1;
  }
};

function nameOf([task, name, more]: readonly string[]): string {
  const expected = "notify is told: test NAME";
  if (task !== "test" || name === undefined) throw new UsageError(expected, "notify");
  if (more !== undefined) throw new UsageError(`${expected}, and nothing else: ${quoted(more)}`, "notify");
  return name;
}

function channelOf(channels: readonly ChannelConfig[], name: string): ChannelConfig {
  const found = channels.find((channel) => channel.name === name);
  if (found !== undefined) return found;
  const near = didYouMean(name, channels.map(({ name }) => name), '"');
  throw new UsageError(`no channel has this name, below "notify": ${quoted(name)}${near}`);
}
