import type { Clock } from "../../clock.ts";
import { attempt, type Connection, DatabaseError } from "../../connection/mod.ts";
import { isUnknown } from "../../language/mod.ts";
import type { Session } from "../../policy/mod.ts";
import type { Place, Proxy, ProxyReading, ProxySilence } from "../../target/mod.ts";
import { isSameStatement } from "./agreement.ts";
import { hasAnswered, Join } from "./join.ts";
import { Hosts, placeIn } from "./same_host.ts";

/** The proxies in front of a database, and what was learned of them; it outlives connections. */
export interface Fronts {
  /** Those that are configured now. */
  proxies(): readonly Proxy[];
  readonly hosts: Hosts;
  /** The hosts that each connects from, as it says itself, by its name. */
  readonly told: Map<string, Set<string>>;
  /** The same as the server shows them; absent: none of its connections was seen there yet. */
  readonly seen: Map<string, Set<string>>;
  /** What each answered last, while it did. */
  readonly heard: Map<string, Pick<ProxyReading, "proxy" | "epoch">>;
}

export interface ProxiedOptions {
  readonly clock: Pick<Clock, "now">;
  /** The server, as it is configured and as it knows itself. */
  readonly places: readonly Place[];
}

/** A session that a proxy can end, as both sides show it now, and what was done then; or why it is spared. */
export type Confirmation<T> =
  | { readonly proxy: Proxy; readonly session: number; readonly done: T }
  | { readonly spared: string };

/** A session as it was decided on, and as it is shown now. */
export interface Confirming<T> {
  readonly before: Session;
  /** What the server shows of it now. */
  readonly now: Session;
  /** What to do at once if both sides agree; `end` is the proxy's. */
  act(end: () => Promise<boolean>, by: { readonly proxy: Proxy; readonly session: number }): Promise<T>;
}

/**
 * What became of a client whose statement was ended: it runs it again, by itself or by its proxy; or it does not.
 * `unknown`: the proxy has not told since.
 */
export type Aftermath = "over" | "unknown" | { readonly again: "proxy" | "client" };

/** After so long a proxy shows that a statement has ended, in milliseconds. */
const SETTLED = 300;

/** Finds out which clients the sessions of a server are of, by what the proxies in front of it show. */
export class ProxiedSessions {
  readonly #fronts: Fronts;
  readonly #options: ProxiedOptions;

  constructor(fronts: Fronts, options: ProxiedOptions) {
    this.#fronts = fronts;
    this.#options = options;
  }

  /**
   * Adds what the proxies tell of the sessions in question, unless that is known already. The proxies may be read before
   * the server or after it: see `disagreement`.
   * @throws {DatabaseError} `lost`.
   */
  async resolve(
    connection: Connection,
    sessions: readonly Session[],
    ids: ReadonlySet<number>,
  ): Promise<readonly Session[]> {
    const seen = this.#options.clock.now();
    const isAsked = ({ id, ends_by }: Session) => ids.has(id) && ends_by === undefined;
    const asked = sessions.filter(isAsked);
    if (asked.length === 0) return sessions;
    const readings = await Promise.all(this.#fronts.proxies().map((proxy) => proxy.read()));
    for (const reading of readings) this.#hear(reading);
    const join = await this.#join(connection, readings, { asked, seen });
    for (const [{ name }, host] of join.hostsSeen(asked)) note(this.#fronts.seen, name, host);
    return sessions.map((session) => isAsked(session) ? { ...session, ...join.valuesOf(session) } : session);
  }

  /**
   * Asks the proxy of a session anew, whether it still is the same client, on the same connection, with the same
   * statement.
   * @throws {TargetError} The proxy does not answer.
   * @throws {DatabaseError} `lost`.
   */
  async confirm<T>(
    connection: Connection,
    { before, now, act }: Confirming<T>,
  ): Promise<Confirmation<T>> {
    const proxy = this.#fronts.proxies().find(({ name }) => name === before.proxy);
    const { proxy_session: id } = before;
    if (proxy === undefined || typeof id !== "number") return { spared: "its proxy is not known any more" };
    const seen = this.#options.clock.now();
    const { running, idle, time, idle_time } = now;
    const session: Session = { ...before, running, idle, time, idle_time };
    return await proxy.session(id, async (reading, end): Promise<Confirmation<T>> => {
      const join = await this.#join(connection, [reading], { asked: [session], seen });
      const found = join.valuesOf(session);
      if (isUnknown(found.proxy)) return { spared: found.proxy.unknown };
      const isSame = CLIENT.every((name) => isUnknown(before[name]) || before[name] === found[name]);
      if (!isSame) return { spared: "the proxy shows another client there" };
      return { proxy, session: id, done: await act(end, { proxy, session: id }) };
    });
  }

  /** What the client of a session did after its statement had ended, at that moment by the clock's `now`. */
  async after(session: Session, endedAt: number): Promise<Aftermath> {
    const proxy = this.#fronts.proxies().find(({ name }) => name === session.proxy);
    const { proxy_session: id, sql } = session;
    if (proxy === undefined || typeof id !== "number" || typeof sql !== "object" || isUnknown(sql)) {
      return "over";
    }
    if (this.#options.clock.now() < endedAt + SETTLED) return "unknown";
    const reading = await proxy.read();
    if (!hasAnswered(reading) || reading.at < endedAt + SETTLED) return "unknown";
    const client = reading.clients.get(id);
    if (client === undefined || !client.running || client.statement === undefined) return "over";
    if (!isSameStatement(client.statement, sql.text)) return "over";
    // A proxy that runs it again shows the time since its client has sent it.
    const isOld = client.time !== undefined && reading.at - client.time < endedAt;
    return { again: isOld ? "proxy" : "client" };
  }

  async #join(
    connection: Connection,
    readings: readonly (ProxyReading | ProxySilence)[],
    { asked, seen }: { readonly asked: readonly Session[]; readonly seen: number },
  ): Promise<Join> {
    const { hosts } = this.#fronts;
    const answered = readings.filter(hasAnswered);
    await hosts.learn(this.#namesIn(answered, asked));
    const isServer = onceEach((place) => this.#isServer(place));
    for (const reading of answered) this.#note(reading, isServer);
    const needsPorts = answered.some(({ connections }) =>
      connections.some(({ id, server }) => id === undefined && isServer(server))
    );
    return new Join(readings, {
      seen,
      isServer,
      areSame: (a, b) => hosts.areSame(a, b),
      ports: needsPorts ? await portsOf(connection, asked) : new Map(),
      hostsOf: (proxy) => this.#hostsOf(proxy),
      isSeen: ({ name }) => this.#fronts.seen.has(name),
    });
  }

  /** A proxy that is silent, or was started anew, may have moved: its address has to be learned before it is known. */
  #hear(reading: ProxyReading | ProxySilence): void {
    const { seen, told, heard } = this.#fronts;
    const { proxy } = reading;
    const before = heard.get(proxy.name);
    const epoch = hasAnswered(reading) ? reading.epoch : undefined;
    if (before === undefined || before.proxy !== proxy || before.epoch !== epoch) {
      seen.delete(proxy.name);
      told.delete(proxy.name);
    }
    if (epoch === undefined) heard.delete(proxy.name);
    else heard.set(proxy.name, { proxy, epoch });
  }

  #note({ proxy: { name }, connections }: ProxyReading, isServer: (place: Place) => boolean): void {
    for (const { local, server } of connections) {
      if (local !== undefined && isServer(server)) note(this.#fronts.told, name, local.host);
    }
  }

  /** The hosts that a proxy connects from, as far as these are known. */
  #hostsOf({ name, host }: Proxy): readonly string[] {
    const { told, seen } = this.#fronts;
    return [...host === undefined ? [] : [host], ...told.get(name) ?? [], ...seen.get(name) ?? []];
  }

  #isServer({ host, port }: Place): boolean {
    return this.#options.places.some((place) =>
      place.port === port && this.#fronts.hosts.areSame(place.host, host)
    );
  }

  #namesIn(readings: readonly ProxyReading[], asked: readonly Session[]): ReadonlySet<string> {
    const connections = readings.flatMap(({ connections }) => connections);
    return new Set([
      ...this.#options.places.map(({ host }) => host),
      ...connections.flatMap((
        { server, local },
      ) => [server.host, ...local === undefined ? [] : [local.host]]),
      ...this.#fronts.proxies().flatMap(({ host }) => host ?? []),
      ...asked.flatMap(({ host }) => typeof host === "string" ? [host] : []),
    ]);
  }
}

/** Remembers what was said of a place: thousands of connections lead to a few of them. */
function onceEach(says: (place: Place) => boolean): (place: Place) => boolean {
  const said = new Map<string, boolean>();
  return (place) => {
    const key = `${place.port} ${place.host}`;
    const known = said.get(key) ?? says(place);
    said.set(key, known);
    return known;
  };
}

function note(hosts: Map<string, Set<string>>, name: string, host: string): void {
  const known = hosts.get(name);
  if (known === undefined) hosts.set(name, new Set([host]));
  else known.add(host);
}

const CLIENT = ["client_user", "client_host", "client_port", "hostgroup"] as const;

/** The ports of clients, which only the process list shows, with the right to see it. */
async function portsOf(
  connection: Connection,
  sessions: readonly Session[],
): Promise<ReadonlyMap<number, number>> {
  const ids = sessions.map(({ id }) => id).filter((id) => Number.isSafeInteger(id) && id >= 0);
  const rows = await attempt(
    connection,
    `SELECT ID AS id, HOST AS host FROM information_schema.PROCESSLIST WHERE ID IN (${ids.join(", ")})`,
  );
  if (rows instanceof DatabaseError) return new Map();
  return new Map(
    rows.flatMap(({ id, host }) => {
      const place = placeIn(String(host ?? ""));
      return place === undefined ? [] : [[Number(id), place.port] as const];
    }),
  );
}
