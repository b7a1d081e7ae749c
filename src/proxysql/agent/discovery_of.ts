import type { Clock } from "../../clock.ts";
import type { PeersConfig } from "../../config/mod.ts";
import type { Discovery } from "./discovery.ts";

export interface DiscoveryOptions {
  readonly clock: Clock;
}

/** What tells which cores there are, as configured. Nothing is asked before the first read. */
export type DiscoveryOf = (peers: PeersConfig, options: DiscoveryOptions) => Discovery;
