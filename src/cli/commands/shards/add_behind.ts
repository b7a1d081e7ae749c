import { systemClock } from "../../../clock.ts";
import { type EndpointConfig, execFault } from "../../../config/mod.ts";
import { isShardName, SHARD_NAMES } from "../../../shards/coordinator/change.ts";
import { provisionerOf, ProvisionError, waitForServer } from "../../../shards/provision/mod.ts";
import { quoted } from "../../../text/nearest.ts";
import { Pauses } from "../../../watch/mod.ts";
import type { Terminal } from "../../invocation.ts";
import { stopOnSignals } from "../../stop_signal.ts";
import { UsageError } from "../../usage_error.ts";

/** What to add, and how to tell. */
export interface AddBehindOptions {
  readonly name: string | undefined;
  /** The pause file. */
  readonly pause: string;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly terminal: Terminal;
}

/**
 * `shards add NAME` with `engine: endpoint`: asks the provisioner until it says that the shard is there. Which rows go to it
 * is the matter of the program that divides the tables.
 */
export async function addBehind(
  { mode, name: endpoint, schema, provision }: EndpointConfig,
  { name, pause, json, dryRun, terminal }: AddBehindOptions,
): Promise<number> {
  const refused = (why: string) => {
    terminal.warn(`query-sniper: ${why}`);
    return 1;
  };
  if (name === undefined) {
    throw new UsageError("shards add NAME: behind an endpoint each shard is asked for by a name", "shards");
  }
  if (!isShardName(name)) {
    return refused(`this is no name of a shard: ${quoted(name.slice(0, 80))}: ${SHARD_NAMES}`);
  }
  if (provision === undefined) {
    return refused(`nobody can add a shard behind "${endpoint}": say in sharding.provision who does`);
  }
  const request = { name, schema, reason: "shards add" };
  if (dryRun) {
    terminal.print(
      json ? JSON.stringify({ ...request, endpoint }) : `${provision.kind}: would be asked for "${name}"`,
    );
    const why = mode === "dry-run" ? "sharding.mode is dry-run" : "--dry-run";
    terminal.warn(`query-sniper: nobody was asked: ${why}`);
    return 0;
  }
  const fault = provision.kind === "exec" ? execFault(provision.program) : undefined;
  if (fault !== undefined) return refused(`exec: ${fault}`);
  const paused = await new Pauses(pause, { clock: systemClock }).reason("");
  if (paused !== undefined) return refused(`changes are paused: ${paused}`);
  try {
    const { host, port } = await waitForServer(provisionerOf(provision), request, {
      clock: systemClock,
      until: systemClock.wall() + provision.timeout,
      signal: stopOnSignals().signal,
      tell: (problem) => terminal.warn(`query-sniper: ${name}: ${problem}`),
    });
    terminal.print(
      json ? JSON.stringify({ shard: name, endpoint, host, port }) : `${name} is there: ${host}:${port}`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error;
    return refused(`${name}: ${error.message}: the same command asks for the same shard again`);
  }
}
