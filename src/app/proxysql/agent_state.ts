import { addressText, type ProxysqlConfig } from "../../config/mod.ts";
import type { ProxysqlEvent } from "../../events/mod.ts";
import type { AgentCounts, AgentState } from "../../http/proxysql/mod.ts";
import { backendOf } from "../../proxysql/mod.ts";
import type { Keeper } from "./keeper.ts";
import type { Vitals } from "./vitals.ts";
import type { Works } from "./works.ts";

export interface AgentStateOptions {
  readonly config: ProxysqlConfig;
  /** Undefined while the configuration is read anew. */
  readonly keeper: Pick<Keeper, "status" | "dumper"> | undefined;
  readonly vitals: Vitals;
  readonly works: Pick<Works, "states">;
  readonly counts: AgentCounts;
  readonly isDryRun: boolean;
}

/** All that is known of a ProxySQL and its agent, without asking. */
export async function agentState(
  { config, keeper, vitals, works, counts, isDryRun }: AgentStateOptions,
): Promise<AgentState> {
  const agent = keeper?.status();
  const draining = await vitals.drains();
  const [live, ready, started] = await Promise.all(
    (["live", "ready", "started"] as const).map((probe) => vitals.health(probe, draining)),
  );
  return {
    ...{ address: addressText(config.address), role: config.role, state: agent?.state ?? "new" },
    ...{ version: agent?.version ?? null, live: live!.ok, ready: ready!.ok, started: started!.ok },
    ...{ reasons: ready!.reasons, draining },
    ...{ paused: vitals.paused ?? null, leader: agent?.leader ?? null, peers: agent?.peers ?? [] },
    backends: vitals.backends.map(backendOf).map(({ hostgroup, address, status }) => ({
      ...{ hostgroup, address, status },
    })),
    ...{ findings: agent?.reasons ?? [], acts: agent?.last_acts ?? [], works: works.states },
    ...{ last_answer: isoOf(vitals.lastAnswer), last_dump: isoOf(keeper?.dumper.lastDump) },
    ...{ dry_run: isDryRun, counts },
  };
}

/** The same in short, for the log. */
export function statusEvent(state: AgentState): ProxysqlEvent {
  const { leader, paused, version, works } = state;
  const count = (names: readonly string[]) =>
    names.reduce<Record<string, number>>((sum, name) => ({ ...sum, [name]: (sum[name] ?? 0) + 1 }), {});
  return {
    ...{ event: "proxysql-status", proxysql: state.address, state: state.state, role: state.role },
    ...version !== null && { version },
    ...{ live: state.live, ready: state.ready, reasons: state.reasons, draining: state.draining },
    ...paused !== null && { paused },
    ...leader !== null && { leader: leader.state === "follows" ? leader.holder : leader.state },
    backends: count(state.backends.map(({ status }) => status)),
    peers: count(state.peers.map(({ state }) => state)),
    works: works.filter(({ state }) => state === "running").map(({ work }) => work),
  };
}

function isoOf(wall: number | undefined): string | null {
  return wall === undefined ? null : new Date(wall).toISOString();
}
