import type { Config, ProxysqlConfig } from "../../../config/mod.ts";
import type { Admin, Intend } from "../../../proxysql/mod.ts";
import type { Invocation, Terminal } from "../../invocation.ts";

/** What a task is given. */
export interface TaskOptions {
  readonly config: Config;
  readonly proxysql: ProxysqlConfig;
  /** The configuration file. */
  readonly file: string;
  readonly invocation: Invocation;
  readonly terminal: Terminal;
  /** Connects when it is asked for something: by the account that may do as much, and no more. */
  connect(what: "read" | "write"): Admin;
  /** Writes down what is going to be done to ProxySQL. */
  readonly intend: Intend;
}

/**
 * Does something with a ProxySQL. Returns the exit code.
 * @throws {AdminError}
 * @throws {UsageError}
 */
export type Task = (options: TaskOptions) => Promise<number>;
