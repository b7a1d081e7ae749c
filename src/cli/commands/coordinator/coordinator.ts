import type { Group } from "../../../shards/members/member.ts";
import type { EventStream } from "../../../events/mod.ts";
import { StartError } from "../../../app/mod.ts";
import { chosenDatabases } from "../../database_choice.ts";
import { endLog, openEvents } from "../../event_log.ts";
import { HangupSignal } from "../../hangup_signal.ts";
import type { Run } from "../../invocation.ts";
import { errorText } from "../../../text/message.ts";
import { stopOnSignals } from "../../stop_signal.ts";
import { shardingOf } from "../router/router.ts";
import { type OpenCoordinator, openCoordinator } from "./open_coordinator.ts";

/** `query-sniper coordinator`. */
export const coordinator: Run = async (invocation, terminal) => {
  const hangup = new HangupSignal();
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
    await open.listen();
    hangup.serve(() => open.reload());
    const hasFailed = await failsAtWork(open, { stream, schema: sharding.schema });
    return await endLog(log, terminal) && !hasFailed ? 0 : 1;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    terminal.warn(`query-sniper: ${error.message}`);
    return 1;
  }
};

/** Runs it until its end; says whether it ended by an error, which its event tells. */
export async function failsAtWork(
  open: OpenCoordinator,
  { stream, schema }: { readonly stream: EventStream; readonly schema: string },
): Promise<boolean> {
  let hasFailed = false;
  try {
    await open.run();
  } catch (error) {
    hasFailed = true;
    const reason = `the coordinator: ${errorText(error)}: start the program again`;
    stream.emit({ event: "shards", state: "failed", schema, reason });
  }
  await open.end();
  return hasFailed;
}
