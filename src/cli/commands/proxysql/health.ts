import { type Health, healthOf, jsonOf, type Probe, PROBES } from "../../../proxysql/mod.ts";
import { printable } from "../../../text/control.ts";
import { UsageError } from "../../usage_error.ts";
import type { Task, TaskOptions } from "./task.ts";

/** `proxysql health`: for a container's probe. */
export const health: Task = async (options) => {
  const { invocation, terminal } = options;
  const asked = PROBES.filter((probe) => invocation.options.has(probe));
  if (asked.length > 1) {
    throw new UsageError(`proxysql health asks for one of ${asked.map((probe) => `--${probe}`).join(", ")}`);
  }
  const [probe = "ready"] = asked;
  const found = await ofAgent(probe, options) ?? await ofProxysql(probe, options);
  const said = found.ok ? probe : printable(`not ${probe}: ${found.reasons.join("; ")}`);
  terminal.print(invocation.options.get("format") === "json" ? jsonOf(found) : said);
  return found.ok ? 0 : 1;
};

/** What the agent knows that runs beside it: then one connection less asks ProxySQL. */
async function ofAgent(
  probe: Probe,
  { proxysql: { http, timeout } }: TaskOptions,
): Promise<Health | undefined> {
  if (http === undefined) return undefined;
  const { askAgent } = await import("./running_agent.ts");
  return await askAgent(http, { probe, timeout });
}

async function ofProxysql(probe: Probe, { proxysql, connect }: TaskOptions): Promise<Health> {
  await using admin = connect("read");
  const { role, backends, drain } = proxysql;
  return await healthOf(admin, probe, { role, backends, draining: drain.file });
}
