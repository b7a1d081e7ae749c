import { type ServiceManager, StartError } from "../../../app/mod.ts";
import { ProxysqlService, type ServedConfig, writesOf } from "../../../app/proxysql/mod.ts";
import { systemClock } from "../../../clock.ts";
import type { Config } from "../../../config/mod.ts";
import type { EventStream } from "../../../events/mod.ts";
import { readConfig } from "../../config_file.ts";
import { endLog, openEvents } from "../../event_log.ts";
import type { Invocation } from "../../invocation.ts";
import { managerOf } from "../../service_manager.ts";
import { UsageError } from "../../usage_error.ts";
import { chosenProxy } from "./chosen_proxy.ts";
import { VERSION } from "../../version.ts";
import { printable } from "../../../text/control.ts";
import { AgentSignals } from "./agent_signals.ts";
import { describeAgent } from "./agent_progress.ts";
import type { Task, TaskOptions } from "./task.ts";
import { messageOf } from "../../../text/message.ts";

/** How often to look whether events can still be written, in milliseconds. */
const CHECK = 500;

/** `proxysql run`: the agent, until it is told to stop. */
export const runProxysql: Task = async (options) => {
  const { invocation, terminal } = options;
  const signals = new AgentSignals();
  const config = servable(options.config, invocation);
  const { stream, log } = openEvents(config.sql, invocation, terminal);
  const check = setInterval(() => log.failure !== undefined && signals.stop("output closed"), CHECK);
  let failure: string | undefined;
  const fail = (reason: string) => {
    terminal.warn(`query-sniper: this program has failed: ${printable(failure = reason)}`);
    signals.stop("failed");
  };
  const service = await started(config, { ...options, stream, fail, told: signals.told });
  if (service === undefined) return 1;
  const manager = await managerOf(terminal);
  manager?.begin(describeAgent(service));
  signals.serve({
    status: () => service.tellStatus(),
    reload: () => reload(service, { ...options, stream, manager }),
  });
  const reason = await signals.stopped;
  await manager?.end();
  // Whoever interrupts it at a terminal wants its end, and so does whoever tells it twice.
  if (reason === "SIGTERM") await service.drainAtEnd(signals.hurry);
  await service.stop(reason);
  clearInterval(check);
  return await endLog(log, terminal) && failure === undefined ? 0 : 1;
};

/** @throws {UsageError} There is no ProxySQL in it, or no account that can do what it asks for. */
function servable(config: Config, invocation: Invocation): ServedConfig {
  const proxysql = chosenProxy(config, invocation);
  const { admin } = proxysql;
  const writes = writesOf(proxysql);
  if (admin === undefined && writes.length > 0) {
    throw new UsageError(
      `this needs an administrator, and "proxysql" in the credentials file names none: ${writes.join(", ")}`,
    );
  }
  if (admin === undefined && proxysql.stats === undefined) {
    throw new UsageError('the credentials file names neither "proxysql" nor "proxysql-stats"');
  }
  return { ...config, proxysql };
}

type Started = TaskOptions & { readonly stream: EventStream };
type Starting = Started & { readonly told: AbortSignal; fail(reason: string): void };

/** The running agent; undefined if it cannot start, after saying why. */
async function started(
  config: ServedConfig,
  { invocation, terminal, stream, told, fail }: Starting,
): Promise<ProxysqlService | undefined> {
  const { environment, warn } = terminal;
  const isDryRun = invocation.options.has("dry-run");
  try {
    const clock = systemClock;
    return await ProxysqlService.start(config, {
      version: VERSION,
      clock,
      stream,
      isDryRun,
      environment,
      told,
      warn,
      fail,
    });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    terminal.warn(`query-sniper: ${error.message}`);
  }
}

/** Reads the configuration again. If it is wrong nothing changes, and one event says why. */
async function reload(
  service: ProxysqlService,
  { file, invocation, terminal, stream, manager }: Started & { readonly manager: ServiceManager | undefined },
): Promise<void> {
  manager?.reloading();
  const told: string[] = [];
  const refuse = (...problems: readonly string[]) =>
    stream.emit({ event: "config", state: "refused", file, problems: [...told, ...problems] });
  try {
    const next = await readConfig(file, "required", {
      ...terminal,
      warn: (...lines) => void told.push(...lines),
    });
    if (next === undefined) refuse();
    else {
      const served = servable(next, invocation);
      if (told.length > 0) terminal.warn(...told);
      await service.reload(served);
    }
  } catch (error) {
    refuse(messageOf(error));
  }
  manager?.ready();
}
