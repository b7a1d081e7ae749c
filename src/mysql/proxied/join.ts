import type { Unknown } from "../../language/mod.ts";
import { isUnknown } from "../../language/mod.ts";
import type { CostlyValues, Session } from "../../policy/mod.ts";
import type { Place, ProxyClient, ProxyConnection, ProxyReading, ProxySilence } from "../../target/mod.ts";
import type { CostlyPart } from "../vocabulary/vocabulary.ts";
import { disagreement } from "./agreement.ts";

/** What a proxy tells of a session. */
export type ProxiedValues = Required<Pick<CostlyValues, CostlyPart<"proxied"> | "ends_by">>;

/** A connection, and where it was read. */
interface Held {
  readonly reading: ProxyReading;
  readonly connection: ProxyConnection;
}

/** What is known beside the readings. */
export interface JoinOptions {
  /** When the sessions had been read, by the clock's `now`. */
  readonly seen: number;
  /** Whether a place is that of the server whose sessions these are. */
  isServer(place: Place): boolean;
  areSame(host: string, other: string): boolean;
  /** The client's port of each session, by connection id, as far as the server tells it. */
  readonly ports: ReadonlyMap<number, number>;
  /** The hosts that a proxy connects from, as far as these are known. */
  hostsOf(proxy: ProxySilence["proxy"]): readonly string[];
  /** Whether a connection of it was seen at the server, so that it is known how the server shows its host. */
  isSeen(proxy: ProxySilence["proxy"]): boolean;
}

/** How a proxy's own connections call themselves (connection attribute; by ProxySQL's source). */
const PROGRAM = "proxysql";

/** Finds out whose sessions are, by what proxies show. */
export class Join {
  readonly #readings: readonly (ProxyReading | ProxySilence)[];
  readonly #options: JoinOptions;
  readonly #byId = new Map<number, Held[]>();
  readonly #byPort = new Map<number, Held[]>();
  /** Whether all proxies have told all of their connections, some to this server among them. */
  readonly #haveToldAll: boolean;

  constructor(readings: readonly (ProxyReading | ProxySilence)[], options: JoinOptions) {
    this.#readings = readings;
    this.#options = options;
    for (const reading of readings.filter(hasAnswered)) {
      for (const connection of reading.connections) {
        if (!options.isServer(connection.server)) continue;
        const { id, local } = connection;
        if (id !== undefined) add(this.#byId, id, { reading, connection });
        else if (local !== undefined) add(this.#byPort, local.port, { reading, connection });
      }
    }
    const shown = new Set([...this.#byId.values()].flat().map(({ reading }) => reading));
    // A proxy that shows nothing of this server may know it by a name that is not recognized.
    this.#haveToldAll = readings.every((reading) =>
      hasAnswered(reading) && reading.tellsAll && shown.has(reading)
    );
  }

  /** What is known of a session: all of it is unknown unless exactly one client agrees with what the server shows. */
  valuesOf(session: Session): ProxiedValues {
    const held = this.#heldBy(session);
    const owned = held.filter(({ connection }) => connection.client !== undefined);
    const [first] = owned;
    if (held.length > 1) return nothing(TWICE);
    if (held.length === 0) return this.#unowned(session);
    if (first === undefined) return { ...nothing(FREE), pooled: session.idle ? true : { unknown: FREE } };
    const { reading: { proxy, at }, connection } = first;
    const { client } = connection as ProxyConnection & { readonly client: ProxyClient };
    const why = disagreement(session, { ...connection, client: client! }, { seen: this.#options.seen, at });
    if (why !== undefined) return nothing(why);
    return {
      client_user: client.user,
      client_host: client.host,
      client_port: client.port ?? { unknown: NOT_TOLD },
      proxy: proxy.name,
      proxy_session: client.session,
      hostgroup: client.hostgroup ?? { unknown: NOT_TOLD },
      pooled: false,
      ends_by: proxy.cannotEnd === undefined ? "proxy" : { unknown: proxy.cannotEnd },
    };
  }

  /** The hosts that connections of joined sessions come from, as the server shows them, with their proxies. */
  *hostsSeen(sessions: readonly Session[]): Generator<readonly [proxy: ProxySilence["proxy"], host: string]> {
    for (const session of sessions) {
      const [first, ...others] = this.#heldBy(session);
      if (first !== undefined && others.length === 0 && typeof session.host === "string") {
        yield [first.reading.proxy, session.host];
      }
    }
  }

  #heldBy(session: Session): readonly Held[] {
    const { id, host } = session;
    const port = this.#options.ports.get(id);
    const byPort = port === undefined ? [] : this.#byPort.get(port) ?? [];
    const fromThere = byPort.filter(({ connection: { local } }) =>
      typeof host === "string" && local !== undefined && this.#options.areSame(host, local.host)
    );
    return [...this.#byId.get(id) ?? [], ...fromThere];
  }

  /** A session that no proxy shows: it is a client's own, or nobody knows. */
  #unowned(session: Session): ProxiedValues {
    if (!this.#isFromProxy(session)) {
      return this.#isDirect(session)
        ? { ...nothing(DIRECT), pooled: false, ends_by: "server" }
        : nothing(this.#doubt());
    }
    if (!this.#readings.every(hasAnswered)) return nothing(this.#doubt());
    // Where connections are told by their ports alone, it has to be known which one this is.
    const isTold = this.#byPort.size === 0 || this.#options.ports.has(session.id);
    return { ...nothing(NO_OWNER), pooled: session.idle && isTold ? true : { unknown: NO_OWNER } };
  }

  /** Whether a session comes from a host that a proxy connects from, or says so itself. */
  #isFromProxy({ host, program }: Session): boolean {
    if (isUnknown(host) || program === PROGRAM) return true;
    const { hostsOf, areSame } = this.#options;
    return this.#readings.some(({ proxy }) => hostsOf(proxy).some((each) => areSame(each, host)));
  }

  /**
   * Whether a session for sure comes through no proxy: all have told all of their connections since it does what it does,
   * some to this server among them; or it is known how the server shows their hosts. Addresses may be translated on the
   * way, and a proxy that is silent may come back from another one.
   */
  #isDirect({ running, time, idle_time }: Session): boolean {
    const age = running ? time : idle_time;
    const { seen, isSeen } = this.#options;
    const isTold = this.#haveToldAll && !isUnknown(age) &&
      this.#readings.every((reading) => hasAnswered(reading) && seen - age <= reading.at);
    return isTold || this.#readings.every((reading) => hasAnswered(reading) && isSeen(reading.proxy));
  }

  /** Why it is not known whether a session comes through a proxy. */
  #doubt(): string {
    const silent = this.#readings.find((reading) => !hasAnswered(reading)) as ProxySilence | undefined;
    return silent === undefined ? NOT_SEEN : `the proxy "${silent.proxy.name}" is silent: ${silent.silent}`;
  }
}

/** Whether a proxy has answered. */
export function hasAnswered(reading: ProxyReading | ProxySilence): reading is ProxyReading {
  return "at" in reading;
}

const NOT_TOLD = "the proxy does not tell";
const TWICE = "more than one proxy, or more than one client, shows this connection";
const FREE = "it is nobody's: the proxy keeps it for its next client";
const NO_OWNER = "it comes from a proxy, which does not show whose it is";
const NOT_SEEN = "it is not known yet how the server shows the hosts of its proxies";
const DIRECT = "no proxy that is known of shows it";

function nothing(why: string): ProxiedValues {
  const unknown: Unknown = { unknown: why };
  return {
    client_user: unknown,
    client_host: unknown,
    client_port: unknown,
    proxy: unknown,
    proxy_session: unknown,
    hostgroup: unknown,
    pooled: unknown,
    ends_by: unknown,
  };
}

function add(map: Map<number, Held[]>, key: number, held: Held): void {
  const found = map.get(key);
  if (found === undefined) map.set(key, [held]);
  else found.push(held);
}
