import type { Clock } from "../../clock.ts";
import type { DatabaseConfig, LeaderConfig, ProxysqlConfig } from "../../config/mod.ts";
import { KubernetesApi } from "../kubernetes/kubernetes_api.ts";
import { leaseStore } from "../kubernetes/lease.ts";
import { type Access, podAccess } from "../kubernetes/pod_access.ts";
import type { Leader } from "./leader.ts";
import { FixedLeader } from "./leader/fixed_leader.ts";
import { LeaseLeader } from "./leader/lease_leader.ts";
import { LOCK_IDLE, LOCK_TIMEOUT, LockLeader } from "./leader/lock_leader.ts";
import { namedLock } from "./leader/named_lock.ts";
import { WatchedLeader, watchedLease, watchedLock } from "./leader/watched_leader.ts";

/** What an election needs, beside what is configured. */
export interface LeaderOptions {
  readonly clock: Clock;
  /** See {@linkcode agentIdentity}. */
  readonly identity: string;
  /** All databases of the configuration. */
  readonly databases: readonly DatabaseConfig[];
  /** Where the API of Kubernetes is; absent: where each pod finds it. */
  readonly access?: Access;
  /** In a dry run the lead is not taken: only who has it is read. */
  readonly isDryRun?: boolean;
}

/**
 * The election that is configured. Only an agent of a core can lead. Nothing is asked before the first renewal.
 * @throws {RangeError} A database that the configuration does not have, or has no account for.
 */
export function leaderOf(
  { role, leader }: Pick<ProxysqlConfig, "role" | "leader">,
  options: LeaderOptions,
): Leader {
  if (role !== "core") return new FixedLeader(false);
  const { clock, identity, isDryRun = false } = options;
  switch (leader.kind) {
    case "always":
    case "never":
      return new FixedLeader(leader.kind === "always");
    case "database": {
      const lock = lockOf(leader, options.databases);
      return isDryRun ? new WatchedLeader(watchedLock(lock), { clock }) : new LockLeader(lock, { clock });
    }
    case "kubernetes": {
      const api = new KubernetesApi(options.access ?? podAccess(), clock);
      const store = leaseStore(api, { ...leader, name: leader.lease });
      return isDryRun
        ? new WatchedLeader(watchedLease(store, clock), { clock })
        : new LeaseLeader(store, { clock, identity });
    }
  }
}

function lockOf(
  { database: name, lock }: LeaderConfig & { readonly kind: "database" },
  databases: readonly DatabaseConfig[],
) {
  const database = databases.find((database) => database.name === name);
  const account = database?.account;
  if (database === undefined || account === undefined) throw new RangeError("no account for the database");
  return namedLock({ ...database, account }, { lock, idle: LOCK_IDLE, timeout: LOCK_TIMEOUT });
}

/**
 * What an agent is called among others: by its pod or host, and like no other process, also none in the same pod. The system
 * is not asked for its host's name, which the program has no permission to.
 */
export function agentIdentity(environment: (name: string) => string | undefined): string {
  const host = environment("POD_NAME") || environment("HOSTNAME") || "agent";
  return `${host}_${crypto.randomUUID()}`;
}
