import type { Clock } from "../../clock.ts";
import type { PeersConfig } from "../../config/mod.ts";
import { KubernetesApi } from "../kubernetes/kubernetes_api.ts";
import { type Access, podAccess } from "../kubernetes/pod_access.ts";
import { podSource } from "../kubernetes/pods.ts";
import type { Discovery } from "./discovery.ts";
import { DnsDiscovery, dnsResolver } from "./discovery/dns_discovery.ts";
import { PodDiscovery } from "./discovery/pod_discovery.ts";
import { StaticDiscovery } from "./discovery/static_discovery.ts";

export interface DiscoveryOptions {
  readonly clock: Clock;
  /** Where the API of Kubernetes is; absent: where each pod finds it. */
  readonly access?: Access;
}

/** What tells which cores there are, as configured. Nothing is asked before the first read. */
export function discoveryOf(peers: PeersConfig, { clock, access }: DiscoveryOptions): Discovery {
  switch (peers.kind) {
    case "static":
      return new StaticDiscovery(peers.peers);
    case "dns":
      return new DnsDiscovery({ name: peers.name, port: peers.port, clock, resolve: dnsResolver() });
    case "kubernetes": {
      const api = new KubernetesApi(access ?? podAccess(), clock);
      return new PodDiscovery(podSource(api, peers), { port: peers.port, clock });
    }
  }
}
