import { healthOf, jsonOf, PROBES } from "../../../proxysql/mod.ts";
import { UsageError } from "../../usage_error.ts";
import type { Task } from "./task.ts";

/** `proxysql health`: for a container's probe. */
export const health: Task = async ({ proxysql, invocation: { options }, terminal, connect }) => {
  const asked = PROBES.filter((probe) => options.has(probe));
  if (asked.length > 1) {
    throw new UsageError(`proxysql health asks for one of ${asked.map((probe) => `--${probe}`).join(", ")}`);
  }
  const [probe = "ready"] = asked;
  await using admin = connect("read");
  const { role, backends, drain } = proxysql;
  const found = await healthOf(admin, probe, { role, backends, draining: drain.file });
  const said = found.ok ? probe : `not ${probe}: ${found.reasons.join("; ")}`;
  terminal.print(options.get("format") === "json" ? jsonOf(found) : said);
  return found.ok ? 0 : 1;
};
