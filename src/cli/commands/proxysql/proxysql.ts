import { systemClock } from "../../../clock.ts";
import { type Account, addressText, DUMP_FORMATS, type ProxysqlConfig } from "../../../config/mod.ts";
import { JournalError } from "../../../journal/mod.ts";
import { actRecord, Admin, AdminError } from "../../../proxysql/mod.ts";
import { printable } from "../../../text/control.ts";
import { didYouMean, quoted } from "../../../text/nearest.ts";
import { findConfigFile, readConfig } from "../../config_file.ts";
import type { Invocation, Run } from "../../invocation.ts";
import { UsageError } from "../../usage_error.ts";
import { chosenProxy } from "./chosen_proxy.ts";
import { health } from "./health.ts";
import { status } from "./status.ts";
import type { Task } from "./task.ts";
import { PROXYSQL_TASKS, type ProxysqlTask } from "./task_name.ts";

interface TaskRow {
  /** Its options, beside the configuration. */
  readonly options: readonly string[];
  readonly formats: readonly string[];
  load(): Promise<Task>;
}

const TASKS: Readonly<Record<ProxysqlTask, TaskRow>> = {
  run: {
    options: ["dry-run", "log-format", "log-level"],
    formats: [],
    load: async () => (await import("./run.ts")).runProxysql,
  },
  status: { options: [], formats: ["text", "json"], load: () => Promise.resolve(status) },
  health: {
    options: ["live", "ready", "started"],
    formats: ["text", "json"],
    load: () => Promise.resolve(health),
  },
  digests: {
    options: ["output", "delta", "dry-run"],
    formats: DUMP_FORMATS,
    load: async () => (await import("./digests.ts")).digests,
  },
  drain: {
    options: ["timeout", "shutdown", "resume", "dry-run"],
    formats: [],
    load: async () => (await import("./drain.ts")).drainProxysql,
  },
  resync: {
    options: ["dry-run"],
    formats: [],
    load: async () => (await import("./resync.ts")).resyncProxysql,
  },
};

/** `query-sniper proxysql`. */
export const proxysql: Run = async (invocation, terminal) => {
  const file = await findConfigFile(invocation, terminal);
  const name = taskOf(invocation);
  const task = TASKS[name];
  refuseForeign(name, invocation);
  const config = await readConfig(file, "required", terminal);
  if (config === undefined) return 2;
  const proxysql = chosenProxy(config, invocation);
  const connect = (what: "read" | "write") =>
    new Admin({ ...proxysql, account: accountFor(what, proxysql) }, { clock: systemClock });
  using record = actRecord(proxysql.acts, {
    clock: systemClock,
    instance: addressText(proxysql.address),
    lost: (reason) => terminal.warn(`query-sniper: an outcome was not written down: ${printable(reason)}`),
  });
  try {
    return await (await task.load())({
      config,
      proxysql,
      file,
      invocation,
      terminal,
      connect,
      intend: record.intend,
    });
  } catch (error) {
    if (error instanceof JournalError) {
      terminal.warn(`query-sniper: nothing is done that cannot be written down: ${printable(error.message)}`);
      return 1;
    }
    if (!(error instanceof AdminError)) throw error;
    // Where there are several, nobody knows otherwise which one it was.
    const what = name === "digests" ? "no dump was made: " : "";
    terminal.warn(`query-sniper: ${what}${addressText(proxysql.address)}: ${error.withAdvice}`);
    return 1;
  }
};

/** Who reads, by the account with the least rights. */
function accountFor(what: "read" | "write", { admin, stats }: ProxysqlConfig): Account {
  const account = what === "write" ? admin : stats ?? admin;
  if (account !== undefined) return account;
  throw new UsageError('this needs an administrator: "proxysql" in the credentials file names none');
}

function taskOf({ arguments: [name, second] }: Invocation): ProxysqlTask {
  const expected = `proxysql is told one of ${PROXYSQL_TASKS.join(", ")}`;
  if (name === undefined) throw new UsageError(expected, "proxysql");
  const known = PROXYSQL_TASKS.find((each) => each === name);
  if (known === undefined) {
    throw new UsageError(`${expected}: ${quoted(name)}${didYouMean(name, PROXYSQL_TASKS, '"')}`, "proxysql");
  }
  if (second !== undefined) {
    throw new UsageError(`${expected}, and nothing else: ${quoted(second)}`, "proxysql");
  }
  return known;
}

/** An option of another task is refused: a drain without its --dry-run would be one. */
function refuseForeign(name: ProxysqlTask, { options }: Invocation): void {
  const { options: own, formats } = TASKS[name];
  for (const option of options.keys()) {
    if (!["config", "format", "proxy", ...own].includes(option)) {
      throw new UsageError(`proxysql ${name} has no option --${option}`, "proxysql");
    }
  }
  const format = options.get("format");
  if (format === undefined || formats.includes(format)) return;
  const expected = formats.length === 0 ? "has no --format" : `has --format ${formats.join(", ")}`;
  throw new UsageError(`proxysql ${name} ${expected}: ${quoted(format)}`, "proxysql");
}
