import { quoted } from "../../../text/nearest.ts";
import type { Clock } from "../../../clock.ts";
import { isIp } from "../../kubernetes/pods.ts";
import { DeadlineError, withDeadline } from "../deadline.ts";
import type { Discovered, Discovery } from "../discovery.ts";

/** The kinds of addresses, those first that are enough where there are any. */
const FAMILIES = ["A", "AAAA"] as const;
export type Family = typeof FAMILIES[number];

/** Looks addresses up; empty: the name has none of this kind. Fails where that is not known. */
export type Resolve = (name: string, family: Family, signal: AbortSignal) => Promise<readonly string[]>;

/** For all questions of one reading, in milliseconds. */
const DEADLINE = 4000;
/** More are no cluster of ProxySQL. */
const MOST = 1000;

export interface DnsDiscoveryOptions {
  readonly name: string;
  readonly port: number;
  readonly clock: Clock;
  readonly resolve: Resolve;
}

/** Cores that are the addresses of a name, looked up at each reading. */
export class DnsDiscovery implements Discovery {
  readonly #options: DnsDiscoveryOptions;
  /**
   * Of which kind the last addresses were. A pod may have one of each, and is one core; so it stays with a kind, also when a
   * server fails to tell its addresses for once.
   */
  #family: Family | undefined;

  constructor(options: DnsDiscoveryOptions) {
    this.#options = options;
  }

  async read(): Promise<Discovered> {
    const { clock, name } = this.#options;
    try {
      return await withDeadline({ clock, time: DEADLINE }, (signal) => this.#lookUp(signal));
    } catch (error) {
      const why = error instanceof DeadlineError
        ? "it did not answer in time"
        : "it does not answer as it should";
      return { state: "unknown", reason: `DNS has no addresses for ${quoted(name)}: ${why}` };
    }
  }

  async #lookUp(signal: AbortSignal): Promise<Discovered> {
    const { name, port, resolve } = this.#options;
    for (const family of FAMILIES) {
      const found = new Set(await resolve(name, family, signal));
      if (found.size === 0 && this.#family !== family) continue;
      if (found.size === 0) break;
      const strange = [...found].find((address) => !isIp(address));
      if (strange !== undefined || found.size > MOST) {
        return {
          state: "unknown",
          reason: `DNS answers ${quoted(name)} with what are no addresses of cores`,
        };
      }
      this.#family = family;
      return { state: "known", peers: [...found].toSorted().map((host) => ({ host, port })) };
    }
    return { state: "unknown", reason: `DNS knows no addresses of ${quoted(name)}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/**
 * Asks a name server; absent: those of this host. That there is no such name, no record of this kind, and that a server fails or
 * refuses look alike to Deno (2.4 and 2.9).
 */
export function dnsResolver(nameServer?: { readonly ipAddr: string; readonly port: number }): Resolve {
  return async (name, family, signal) => {
    try {
      return await Deno.resolveDns(name, family, { signal, ...nameServer && { nameServer } });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  };
}
