import type { Clock } from "../../clock.ts";
import type { Place } from "../../target/mod.ts";

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/;

/** How many hosts are looked up at once, and for how long an answer is good, in milliseconds. */
const MOST = 64;
const GOOD_FOR = 60_000;
/** How long a look waits for names, in milliseconds. */
const PATIENCE = 100;

/** Looks a name up: its addresses. */
export type Lookup = (host: string) => Promise<readonly string[]>;

const systemLookup: Lookup = async (host) => {
  const { lookup } = await import("node:dns/promises");
  return (await lookup(host, { all: true })).map(({ address }) => address);
};

interface Found {
  readonly until: number;
  /** Empty: not known. */
  addresses: readonly string[];
}

/**
 * Whether two texts are the same host. A server shows a client by its name or by its address, and a proxy may be told a
 * name: they are the same by their letters, on the loopback interface, or by an address that both names have.
 */
export class Hosts {
  readonly #clock: Clock;
  readonly #lookup: Lookup;
  readonly #known = new Map<string, Found>();

  constructor(clock: Clock, lookup: Lookup = systemLookup) {
    this.#clock = clock;
    this.#lookup = lookup;
  }

  /** Only what has been looked up is known: see {@linkcode learn}. */
  areSame(one: string, other: string): boolean {
    const [a, b] = [plain(one), plain(other)];
    if (a === b && a !== "") return true;
    if (LOOPBACK.test(a) || LOOPBACK.test(b)) return LOOPBACK.test(a) && LOOPBACK.test(b);
    const addresses = this.#addressesOf(a);
    return this.#addressesOf(b).some((address) => addresses.includes(address));
  }

  /** Looks up the names among these hosts, and waits for a moment. Never fails. */
  async learn(hosts: Iterable<string>): Promise<void> {
    const now = this.#clock.now();
    const names = new Set([...hosts].map(plain).filter((host) => host !== "" && !isAddress(host)));
    const asked = [...names].filter((name) => (this.#known.get(name)?.until ?? -Infinity) <= now).slice(
      0,
      MOST,
    );
    if (asked.length === 0) return;
    const over = new AbortController();
    const answers = Promise.all(asked.map((name) => this.#learn(name, now)));
    await Promise.race([answers, this.#clock.sleep(PATIENCE, over.signal)]);
    over.abort();
  }

  async #learn(name: string, now: number): Promise<void> {
    const found: Found = { until: now + GOOD_FOR, addresses: this.#known.get(name)?.addresses ?? [] };
    this.#known.set(name, found);
    try {
      found.addresses = (await this.#lookup(name)).map(plain);
    } catch {
      // A name that nobody knows is the same as no other one.
      found.addresses = [];
    }
  }

  #addressesOf(host: string): readonly string[] {
    return isAddress(host) ? [host] : this.#known.get(host)?.addresses ?? [];
  }
}

function plain(host: string): string {
  return host.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/^::ffff:(?=\d+\.)/, "");
}

function isAddress(host: string): boolean {
  return host.includes(":") || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) || LOOPBACK.test(host);
}

/** The place in a text such as `10.0.0.5:3306`; undefined if it is none. */
export function placeIn(text: string): Place | undefined {
  const [, host, port] = /^\[?(.*?)\]?:(\d{1,5})$/.exec(text) ?? [];
  return host === undefined || port === undefined ? undefined : { host, port: Number(port) };
}
