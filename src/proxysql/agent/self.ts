import type { Address } from "../../config/mod.ts";
import type { PeerPlace } from "../statement.ts";

/** By what a ProxySQL is known among the cores. */
export interface Self {
  /** What it, its pod or its host is called. */
  readonly names: readonly string[];
  /** Its IP addresses. */
  readonly addresses: readonly string[];
}

/** As the downward API of Kubernetes and a container's runtime tell it: `POD_NAME`, `POD_IP`, `POD_IPS`, `HOSTNAME`. */
export function selfOf(environment: (name: string) => string | undefined): Self {
  const all = (...names: readonly string[]) => [
    ...new Set(
      names.flatMap((name) => environment(name)?.split(",") ?? []).map((text) => text.trim())
        .filter((text) => text !== ""),
    ),
  ];
  return { names: all("POD_NAME", "HOSTNAME"), addresses: all("POD_IP", "POD_IPS") };
}

/** What could be this ProxySQL itself in a list of cores. */
export type IsOwn = (peer: PeerPlace & { readonly comment?: string }) => boolean;

interface SelfReading {
  readonly self: Self | undefined;
  /** Its admin interface, as configured. */
  readonly address: Address;
  /** What admin-mysql_ifaces says: addresses with ports, and sockets, with semicolons between. */
  readonly interfaces: string;
}

/**
 * Tells which rows are this ProxySQL's own: those called as it is, by their comment or host (a host's first label counts,
 * as in a StatefulSet), and those of its addresses, with its port where that is known. An address of the loopback
 * interface counts as well: whoever lists that means somebody on this machine.
 */
export function isOwnBy({ self, address, interfaces }: SelfReading): IsOwn {
  const names = new Set(self?.names.map((name) => name.toLowerCase()));
  const listens = interfaces.split(/[;,]/).flatMap(placeOf);
  const places = [...listens, ..."host" in address ? [address] : []];
  const ports = new Set(places.map(({ port }) => port));
  const hosts = new Set(
    [...self?.addresses ?? [], ...places.map(({ host }) => host).filter((host) => !ANY.has(host))]
      .map((host) => host.toLowerCase()),
  );
  return ({ host, port, comment = "" }) => {
    const name = host.toLowerCase();
    if (names.has(comment.toLowerCase())) return true;
    const isNamed = names.has(name) || (!isIpAddress(name) && names.has(name.split(".")[0]!));
    return (isNamed || hosts.has(name)) && (ports.size === 0 || ports.has(port));
  };
}

/** Whether a host is an IP address, and no name. */
export function isIpAddress(host: string): boolean {
  return IP.test(host);
}

const ANY = new Set(["0.0.0.0", "::"]);
const IP = /^[\d.]+$|:/;

function placeOf(text: string): readonly PeerPlace[] {
  const [, ip, name, port] = /^(?:\[(.+)\]|([^[\]:]+)):(\d{1,5})$/.exec(text.trim()) ?? [];
  const host = ip ?? name;
  return host === undefined ? [] : [{ host, port: Number(port) }];
}
