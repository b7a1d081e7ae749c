import { systemClock } from "../../../clock.ts";
import type { DrainConfig } from "../../../config/mod.ts";
import { valueOfType } from "../../../language/mod.ts";
import {
  drain,
  DrainFileError,
  drainStatements,
  type DrainStep,
  type ProxySession,
  resume,
  sessionText,
  STATEMENTS,
} from "../../../proxysql/mod.ts";
import { durationWords } from "../../../report/duration.ts";
import { printable } from "../../../text/control.ts";
import { quoted } from "../../../text/nearest.ts";
import type { Invocation, Terminal } from "../../invocation.ts";
import { UsageError } from "../../usage_error.ts";
import type { Task, TaskOptions } from "./task.ts";

/** What other programs are told that wait for a drain. */
const BY = "query-sniper proxysql drain";

/** `proxysql drain`: for a preStop hook. */
export const drainProxysql: Task = async (options) => {
  const { invocation, terminal, connect, intend } = options;
  const config = configOf(options);
  if (invocation.options.has("dry-run")) return await rehearse(config, options);
  try {
    await using admin = connect("write");
    if (invocation.options.has("resume")) {
      await resume(admin, { ...config, clock: systemClock, intend, by: BY });
      terminal.print("ProxySQL takes connections again");
      return 0;
    }
    const tell = (step: DrainStep) => terminal.print(stepText(step, config));
    const { closed, left } = await drain(admin, { config, clock: systemClock, tell, intend, by: BY });
    return tellEnd({ closed, left, timeout: config.timeout }, terminal);
  } catch (error) {
    if (!(error instanceof DrainFileError)) throw error;
    terminal.warn(`query-sniper: ${printable(error.message)}`);
    return 1;
  }
};

function configOf({ proxysql: { drain: config }, invocation }: TaskOptions): DrainConfig {
  const { options } = invocation;
  const undoes = ["timeout", "shutdown"].find((name) => options.has("resume") && options.has(name));
  if (undoes !== undefined) {
    throw new UsageError(`--resume undoes a drain: it does not go with --${undoes}`, "proxysql");
  }
  return {
    ...config,
    timeout: timeoutOf(invocation, config),
    shutdown: config.shutdown || options.has("shutdown"),
  };
}

function timeoutOf({ options }: Invocation, { timeout }: DrainConfig): number {
  const text = options.get("timeout");
  if (text === undefined) return timeout;
  const value = valueOfType("duration", text) ?? -1;
  if (value >= 0 && value <= 3_600_000) return value;
  throw new UsageError(`--timeout is a duration such as 30s, at most 1h: ${quoted(text)}`, "proxysql");
}

async function rehearse(
  config: DrainConfig,
  { invocation, terminal, connect }: TaskOptions,
): Promise<number> {
  await using admin = connect("read");
  const statements = invocation.options.has("resume")
    ? [STATEMENTS.resume()]
    : await drainStatements(admin, config);
  if (statements.length > 0) terminal.print(...statements);
  else terminal.warn("nothing would be sent now");
  return 0;
}

function stepText(step: DrainStep, { file }: DrainConfig): string {
  switch (step.step) {
    case "waiting":
      return `waits: ${step.who}`;
    case "draining":
      return step.again
        ? `not ready: a drain that was begun before goes on: ${file}`
        : `not ready from now on: ${file}`;
    case "paused":
      return "paused: it takes no new connections";
    case "closed":
      return `closed: ${sessionsText(step.sessions)} that did nothing`;
    case "trouble":
      return `tried again: ${step.error.withAdvice}`;
    case "unwritten":
      return `not written down: ${printable(step.reason)}`;
    case "shut down":
      return "shut down";
  }
}

function sessionsText(count: number): string {
  return `${count} session${count === 1 ? "" : "s"}`;
}

/** So many of those that were left are named. */
const NAMED = 10;

function tellEnd(
  { closed, left, timeout }: {
    readonly closed: number;
    readonly left: readonly ProxySession[] | undefined;
    readonly timeout: number;
  },
  terminal: Terminal,
): number {
  if (left?.length === 0) {
    terminal.print(`drained: ${sessionsText(closed)} closed, none is left`);
    return 0;
  }
  const after = `after ${durationWords(timeout)}`;
  if (left === undefined) {
    terminal.warn(`query-sniper: ProxySQL does not say who is left ${after}`);
    return 1;
  }
  terminal.warn(`query-sniper: ${sessionsText(left.length)} left ${after}, ${closed} closed`);
  terminal.warn(...left.slice(0, NAMED).map((session) => `  ${sessionText(session)}`));
  if (left.length > NAMED) terminal.warn(`  and ${left.length - NAMED} more`);
  return 1;
}
