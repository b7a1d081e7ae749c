import { systemClock } from "../../../clock.ts";
import type { ProxysqlEvent } from "../../../events/mod.ts";
import { STATEMENTS } from "../../../proxysql/mod.ts";
import { Agent, peersInForce, resyncStatements } from "../../../proxysql/agent/mod.ts";
import { UsageError } from "../../usage_error.ts";
import type { Task, TaskOptions } from "./task.ts";

/** Between two looks whether a core answers, in milliseconds; and twice so long is waited for one at most. */
const LOOK = 500;
const LONGEST_INTERVAL = 10_000;

/** `proxysql resync`: takes a satellite's list of cores from ProxySQL's file. */
export const resyncProxysql: Task = async (options) => {
  const { proxysql, invocation } = options;
  if (proxysql.role === "core") {
    throw new UsageError('the list of a core is kept by the leader: "role" has to be satellite, or none');
  }
  return invocation.options.has("dry-run") ? await rehearse(options) : await resync(options);
};

async function rehearse({ terminal, connect }: TaskOptions): Promise<number> {
  await using admin = connect("read");
  const metrics = await admin.rowsIfKnown(STATEMENTS.peers()) ?? [];
  terminal.print(...resyncStatements(await peersInForce(admin, metrics), []));
  terminal.warn("each DELETE is sent only if ProxySQL's file does not list that core");
  return 0;
}

async function resync({ proxysql, terminal, connect, intend }: TaskOptions): Promise<number> {
  await using admin = connect("write");
  const interval = Math.min(proxysql.interval, LONGEST_INTERVAL);
  let ended: ProxysqlEvent & { readonly event: "proxysql-resync" } | undefined;
  const agent = new Agent({
    ...{ admin, intend },
    config: { ...proxysql, role: "satellite", interval },
    clock: systemClock,
    tell(event) {
      if (event.event === "proxysql-resync") ended = event;
    },
  });
  const { outcome, reason, statements } = await agent.resync();
  if (statements.length > 0) terminal.print(...statements);
  if (outcome !== "done") {
    const what = outcome === "failed" ? "the resync was stopped" : "not resynced, and nothing was changed";
    terminal.warn(`query-sniper: ${what}: ${reason}`);
    return 1;
  }
  const end = systemClock.now() + 2 * interval + proxysql.timeout;
  while (ended?.state === "began" && systemClock.now() < end) {
    await systemClock.sleep(LOOK);
    await agent.look();
  }
  const listed = `${ended?.peers ?? 0} core${ended?.peers === 1 ? "" : "s"} listed`;
  if (ended?.state === "done") terminal.print(`resynced: ${listed}, ${ended.reason}`);
  else {
    const reason = ended?.state === "failed" ? ended.reason : "ProxySQL does not say any more who answers";
    terminal.warn(`query-sniper: ${listed}, and ${reason}`);
  }
  return ended?.state === "done" ? 0 : 1;
}
