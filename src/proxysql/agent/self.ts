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
 * Tells which rows are this ProxySQL's own. An IP address is, if it is one of its own, with its port where that is known; an
 * address of the loopback interface counts as well, since whoever lists that means somebody on this machine. Only where its
 * addresses are not known the comment tells: a pod that was made anew has its old name and another address, and its old row
 * is to go. A name is, if it is what it is called (the first label counts, as in a StatefulSet), or if the comment is.
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
    const isIp = isIpAddress(name);
    const hasAddresses = self !== undefined && self.addresses.length > 0;
    if (names.has(comment.toLowerCase()) && !(isIp && hasAddresses)) return true;
    const isNamed = !isIp && (names.has(name) || names.has(name.split(".")[0]!));
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
