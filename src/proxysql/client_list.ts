import { Secret } from "../text/secret.ts";
import type { Row } from "../connection/mod.ts";
import type { Place, ProxyClient, ProxyConnection } from "../target/mod.ts";
import { numberOf, textOf } from "./value.ts";

/** What the list of sessions shows of clients, and of connections to backends. */
export interface ClientList {
  readonly connections: readonly ProxyConnection[];
  readonly clients: ReadonlyMap<number, ProxyClient>;
  /** Whether each row told all of its connections, each with the server's own id. */
  readonly tellsAll: boolean;
}

/** Reads the rows of `stats_mysql_processlist` and of `stats_mysql_free_connections`. */
export function clientList(rows: readonly Row[], free: readonly Row[]): ClientList {
  const clients = new Map<number, ProxyClient>();
  let tellsAll = true;
  const connections = rows.flatMap((row) => {
    const client = clientOf(row);
    if (client === undefined) {
      tellsAll = false;
      return [];
    }
    clients.set(client.session, client);
    const told = connectionsOf(row, client);
    tellsAll &&= told.isAll;
    return told.connections;
  });
  const nobodys = free.map(freeConnection);
  return {
    connections: [...connections, ...nobodys.flatMap((each) => each ?? [])],
    clients,
    tellsAll: tellsAll && !nobodys.includes(undefined),
  };
}

/** So many rows are read at a time: the detailed ones of as many take some milliseconds. */
const AT_ONCE = 200;

/** The same of many rows, with a pause between parts of them, in which others go on. */
export async function longClientList(
  rows: readonly Row[],
  free: readonly Row[],
  pause: () => Promise<void>,
): Promise<ClientList> {
  const parts = [clientList([], free)];
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    if (from > 0) await pause();
    parts.push(clientList(rows.slice(from, from + AT_ONCE), []));
  }
  return {
    connections: parts.flatMap(({ connections }) => connections),
    clients: new Map(parts.flatMap(({ clients }) => [...clients])),
    tellsAll: parts.every(({ tellsAll }) => tellsAll),
  };
}

function clientOf(row: Row): ProxyClient | undefined {
  const session = numberOf(row["id"]);
  if (session === undefined) return undefined;
  const info = textOf(row["info"]);
  return {
    session,
    user: textOf(row["user"]),
    host: textOf(row["cli_host"]),
    port: numberOf(row["cli_port"]),
    schema: textOf(row["db"]),
    hostgroup: numberOf(row["hostgroup"]),
    running: textOf(row["command"]) !== "Sleep",
    time: numberOf(row["time_ms"]),
    // Raw SQL: it is compared, and never told.
    statement: info === "" ? undefined : new Secret(info),
  };
}

/**
 * The connections to backends that a session holds. With mysql-show_processlist_extended ProxySQL tells all of them, with
 * the backend's own ids; else only the one that the session uses now, by its ports.
 */
function connectionsOf(row: Row, client: ProxyClient): Told<ProxyConnection> {
  const [server, local] = [placeIn(row, "srv"), placeIn(row, "l_srv")];
  const { connections: told, isAll } = backendsIn(textOf(row["extended_info"]));
  if (told.length === 0) {
    if (server === undefined) return { connections: [], isAll };
    return { connections: [{ server, id: undefined, local, user: undefined, client }], isAll: false };
  }
  const connections = told.flatMap((backend): readonly ProxyConnection[] => {
    const isCurrent = server !== undefined &&
      (backend.server === undefined ? told.length === 1 : isSame(backend.server, server));
    const where = backend.server ?? (isCurrent ? server : undefined);
    if (where === undefined) return [];
    return [{
      server: where,
      id: backend.id,
      local: isCurrent ? local : undefined,
      user: backend.user,
      client: { ...client, hostgroup: backend.hostgroup ?? client.hostgroup },
    }];
  });
  return { connections, isAll: isAll && connections.length === told.length };
}

/** What a row tells of its connections, and whether these are all of them. */
interface Told<T> {
  readonly connections: readonly T[];
  readonly isAll: boolean;
}

interface Backend {
  readonly id: number;
  readonly server: Place | undefined;
  readonly hostgroup: number | undefined;
  readonly user: string | undefined;
}

function backendsIn(info: string): Told<Backend> {
  // Most clients of a busy proxy rest without a connection, and what it tells of each is long.
  if (!info.includes('"thread_id"')) return { connections: [], isAll: /^\s*\{[^]*\}\s*$/.test(info) };
  const { backends } = objectOf(info);
  if (!Array.isArray(backends)) return { connections: [], isAll: false };
  let isAll = true;
  const connections = backends.flatMap((backend: unknown) => {
    const { conn, hostgroup_id } = fieldsOf(backend);
    // A hostgroup that it has used, and has no connection to now.
    if (conn === undefined || conn === null) return [];
    const { mysql } = fieldsOf(conn);
    const found = connectionIn(fieldsOf(mysql));
    if (found === undefined) isAll = false;
    return found === undefined ? [] : [{ ...found, hostgroup: idOf(hostgroup_id) }];
  });
  return { connections, isAll };
}

function connectionIn(
  { thread_id, host, port, user }: Readonly<Record<string, unknown>>,
): Omit<Backend, "hostgroup"> | undefined {
  const [id, place] = [idOf(thread_id), idOf(port)];
  if (id === undefined || id === 0) return undefined;
  return {
    id,
    server: typeof host === "string" && host !== "" && place !== undefined
      ? { host, port: place }
      : undefined,
    user: typeof user === "string" && user !== "" ? user : undefined,
  };
}

/** A connection that nobody has. One whose id is not told says nothing. */
function freeConnection(row: Row): ProxyConnection | undefined {
  const server = placeIn(row, "srv");
  const { mysql, ...info } = objectOf(textOf(row["mysql_info"]));
  const found = connectionIn(info) ?? connectionIn(fieldsOf(mysql));
  if (server === undefined || found === undefined) return undefined;
  return { server, id: found.id, local: undefined, user: textOf(row["user"]), client: undefined };
}

function placeIn(row: Row, prefix: "srv" | "l_srv"): Place | undefined {
  const [host, port] = [textOf(row[`${prefix}_host`]), numberOf(row[`${prefix}_port`])];
  return host === "" || port === undefined ? undefined : { host, port };
}

function isSame(a: Place, b: Place): boolean {
  return a.host.toLowerCase() === b.host.toLowerCase() && a.port === b.port;
}

function idOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  if (text === "") return {};
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Readonly<Record<string, unknown>>
    : {};
}
