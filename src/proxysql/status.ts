import type { Row } from "../connection/mod.ts";
import type { Admin } from "./admin.ts";
import { isPaused } from "./health.ts";
import { STATEMENTS } from "./statement.ts";
import { byName, integerOf, numberOf, placeOf, textOf, timeOf } from "./value.ts";

/** A core that this ProxySQL asks for its configuration. */
export interface Peer {
  readonly address: string;
  /** `unreached`: never answered, or not yet since the list of peers was loaded. */
  readonly state: "up" | "silent" | "unreached";
  readonly uptime_s: number | null;
  /** How long ago it answered. */
  readonly last_check_ms: number | null;
}

/** What a ProxySQL, or a peer of it, has of a part of the configuration. */
export interface Checksum {
  readonly peer?: string;
  readonly name: string;
  /** 1: as loaded at its start. Only what has a higher version is copied by others. */
  readonly version: bigint | null;
  readonly epoch: bigint | null;
  readonly checksum: string;
  /** For how many checks it has differed from the own one. */
  readonly differs?: bigint | null;
}

export interface Backend {
  readonly hostgroup: number | null;
  readonly address: string;
  readonly status: string;
  readonly used: bigint | null;
  readonly free: bigint | null;
  readonly errors: bigint | null;
  readonly queries: bigint | null;
  readonly latency_us: bigint | null;
}

export interface UserSessions {
  readonly user: string;
  readonly sessions: number;
  readonly idle: number;
}

/** A ProxySQL, as it says itself. Counters have 64 bits. */
export interface Status {
  readonly version: string;
  readonly uptime_s: number | null;
  /** Null where this version does not tell. */
  readonly paused: boolean | null;
  readonly peers: readonly Peer[];
  /** Who asks this one for its configuration; null where this version does not tell. */
  readonly satellites: readonly { readonly address: string; readonly last_seen: string | null }[] | null;
  /** Null for a user who may read statistics only. */
  readonly checksums: readonly Checksum[] | null;
  readonly peer_checksums: readonly Checksum[];
  readonly backends: readonly Backend[];
  readonly sessions: readonly UserSessions[];
}

/** Reads all of it. A peer that has not answered for longer than `missingAfter`, in milliseconds, is silent. @throws {AdminError} */
export async function readStatus(
  admin: Admin,
  { missingAfter }: { readonly missingAfter: number },
): Promise<Status> {
  const [version] = await admin.rows(STATEMENTS.version());
  const globals = byName(await admin.rows(STATEMENTS.globals()));
  const satellites = await admin.rowsIfKnown(STATEMENTS.satellites());
  const checksums = await admin.rowsIfKnown(STATEMENTS.checksums());
  return {
    version: textOf(Object.values(version ?? {})[0]),
    uptime_s: numberOf(globals.get("ProxySQL_Uptime")) ?? null,
    paused: isPaused(globals) ?? null,
    peers: (await admin.rowsIfKnown(STATEMENTS.peers()) ?? []).map((row) => peerOf(row, missingAfter)),
    satellites: satellites?.map(({ hostname, port, last_seen_at }) => ({
      address: placeOf(hostname, port),
      last_seen: timeOf(last_seen_at),
    })) ?? null,
    checksums: checksums?.map(checksumOf) ?? null,
    peer_checksums: (await admin.rowsIfKnown(STATEMENTS.peerChecksums()) ?? []).map((row) => ({
      peer: placeOf(row["hostname"], row["port"]),
      ...checksumOf(row),
      differs: integerOf(row["diff_check"]) ?? null,
    })),
    backends: (await admin.rows(STATEMENTS.backends())).map(backendOf),
    sessions: (await admin.rows(STATEMENTS.sessionCounts())).map(({ user, sessions, idle }) => ({
      user: textOf(user),
      sessions: numberOf(sessions) ?? 0,
      idle: numberOf(idle) ?? 0,
    })),
  };
}

/** A core as the ProxySQL that lists it sees it. */
export function peerOf({ hostname, port, Uptime_s, last_check_ms }: Row, missingAfter: number): Peer {
  const [uptime, ago] = [numberOf(Uptime_s) ?? null, numberOf(last_check_ms) ?? null];
  // Of a peer that has not answered since the list was loaded, the last check is the time since the machine began.
  const state = uptime === null || uptime <= 0
    ? "unreached"
    : ago !== null && ago > missingAfter
    ? "silent"
    : "up";
  return { address: placeOf(hostname, port), state, uptime_s: uptime, last_check_ms: ago };
}

function checksumOf({ name, version, epoch, checksum }: Row): Checksum {
  return {
    name: textOf(name),
    version: integerOf(version) ?? null,
    epoch: integerOf(epoch) ?? null,
    checksum: textOf(checksum),
  };
}

/** A server behind a ProxySQL. */
export function backendOf(row: Row): Backend {
  const count = (name: string) => integerOf(row[name]) ?? null;
  return {
    hostgroup: numberOf(row["hostgroup"]) ?? null,
    address: placeOf(row["srv_host"], row["srv_port"]),
    status: textOf(row["status"]),
    used: count("ConnUsed"),
    free: count("ConnFree"),
    errors: count("ConnERR"),
    queries: count("Queries"),
    latency_us: count("Latency_us"),
  };
}
