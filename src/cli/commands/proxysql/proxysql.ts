import { systemClock } from "../../../clock.ts";
import { type Account, type Config, DUMP_FORMATS, type ProxysqlConfig } from "../../../config/mod.ts";
import { Admin, AdminError } from "../../../proxysql/mod.ts";
import { didYouMean, quoted } from "../../../text/nearest.ts";
import { findConfigFile, readConfig } from "../../config_file.ts";
import type { Invocation, Run } from "../../invocation.ts";
import { UsageError } from "../../usage_error.ts";
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
  try {
    return await (await task.load())({ config, proxysql, invocation, terminal, connect });
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    terminal.warn(`query-sniper: ${error.withAdvice}`);
    return 1;
  }
};

/** The one that `--proxy` names; it may be left out where there is one only. */
function chosenProxy({ file, proxies }: Config, { options }: Invocation): ProxysqlConfig {
  const [first] = proxies;
  if (first === undefined) {
    throw new UsageError(`there is no "proxysql" in this configuration: ${quoted(file)}`);
  }
  const names = proxies.map(({ name }) => name);
  const name = options.get("proxy") ?? (proxies.length === 1 ? first.name : undefined);
  if (name === undefined) throw new UsageError(`--proxy says which one: ${names.join(", ")}`, "proxysql");
  const chosen = proxies.find((each) => each.name === name);
  if (chosen !== undefined) return chosen;
  throw new UsageError(`no ProxySQL has this name: ${quoted(name)}${didYouMean(name, names, '"')}`);
}

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
