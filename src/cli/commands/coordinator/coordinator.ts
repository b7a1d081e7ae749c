import type { Group } from "../../../shards/members/member.ts";
import { ListenError } from "../../../http/server/mod.ts";
import { chosenDatabases } from "../../database_choice.ts";
import { endLog, openEvents } from "../../event_log.ts";
import type { Run } from "../../invocation.ts";
import { stopOnSignals } from "../../stop_signal.ts";
import { shardingOf } from "../router/router.ts";
import { openCoordinator } from "./open_coordinator.ts";

/** `query-sniper coordinator`. */
export const coordinator: Run = async (invocation, terminal) => {
  const chosen = await chosenDatabases(invocation, terminal);
  if (chosen === undefined) return 2;
  const configured = shardingOf(chosen.config, "coordinator");
  const isDry = invocation.options.has("dry-run");
  const sharding = isDry ? { ...configured, mode: "dry-run" as const } : configured;
  const group: Group = { sharding, databases: chosen.databases };
  const { stream, log } = openEvents(chosen.config.sql, invocation, terminal);
  const { signal } = stopOnSignals();
  const { pause } = chosen.config;
  try {
    const open = await openCoordinator(group, { stream, signal, pause, warn: terminal.warn });
    if (typeof open === "string") {
      terminal.warn(`query-sniper: ${open}`);
      return 2;
    }
    await open.run();
    await open.end();
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    terminal.warn(`query-sniper: ${error.message}`);
    return 1;
  }
  return await endLog(log, terminal) ? 0 : 1;
};
