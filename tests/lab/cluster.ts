import type { Flavor } from "./discover.ts";
import type { Guard } from "./guard.ts";
import type { LabServer } from "./server.ts";

/** Servers that keep each other's data: the members of a group, or the nodes of a Galera cluster. */
export interface LabCluster extends AsyncDisposable {
  readonly flavor: Flavor;
  /** The temporary folder with everything that belongs to the cluster. */
  readonly folder: string;
  /** The first one is the primary where there is one. */
  readonly servers: readonly LabServer[];
  /** Kills all servers and removes the folder; returns when all of it is gone. */
  stop(): Promise<void>;
}

/** The cluster that a guard runs. */
export function clusterOf(guard: Guard, flavor: Flavor, servers: readonly LabServer[]): LabCluster {
  return {
    flavor,
    folder: guard.folder,
    servers,
    stop: () => guard.stop(),
    [Symbol.asyncDispose]: () => guard.stop(),
  };
}
