import type { ListenConfig } from "../../config/mod.ts";
import { FLEET_SITE, type Site } from "./site.ts";

/** The names of this host that nobody can make mean another one. */
const OWN_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** What stands for any address, and is none that a client has a reason to ask for. */
const ANY = ["0.0.0.0", "::"];

/** What is an IP address, whatever it is resolved by: a name has a letter in its last part. */
const ADDRESS = /^(?:\[[0-9a-f:.]+\]|\d{1,3}(?:\.\d{1,3}){3})$/;

/** A Host header: a name or an address, and a port. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?)(?::\d{1,5})?$/;

/**
 * Which names a request may ask for. A page of somebody else can make its own name mean this host (DNS rebinding), and
 * is then of one origin with what it asks: but its name is still in `Host`. The port is not looked at, since tunnels
 * have another one.
 */
export class HostList {
  readonly #names: ReadonlySet<string>;
  readonly #takesAddresses: boolean;

  constructor(
    { address: { host }, hosts }: Pick<ListenConfig, "address" | "hosts">,
    { takesAddresses = false }: Pick<Site, "takesAddresses"> = FLEET_SITE,
  ) {
    this.#takesAddresses = takesAddresses;
    this.#names = new Set([...OWN_NAMES, ...ANY.includes(host) ? [] : [inBrackets(host)], ...hosts]);
  }

  /**
   * @param header The value of `Host`.
   * @param local The address that the client has connected to.
   * @returns Whether it may be asked for; undefined if it is no host at all.
   */
  has(header: string, local: string | undefined): boolean | undefined {
    const name = HOST.exec(header.toLowerCase())?.[1];
    if (name === undefined) return undefined;
    return this.#names.has(name) || (local !== undefined && name === inBrackets(plainAddress(local))) ||
      (this.#takesAddresses && ADDRESS.test(name));
  }
}

/** An IPv6 socket shows IPv4 addresses as `::ffff:10.0.0.1`. */
function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address.toLowerCase();
}

function inBrackets(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
