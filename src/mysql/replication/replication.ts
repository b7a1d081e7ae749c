import { type Connection, refusal } from "../../connection/mod.ts";
import type { Unknown } from "../../language/mod.ts";
import { readAuroraLag } from "./aurora.ts";
import { CHANNELS_READ, channelsOf } from "./channels.ts";
import type { HealthRead } from "../reads/health_read.ts";
import { type HeartbeatRow, readHeartbeatTable } from "./heartbeat_table.ts";
import { measureReplication } from "./lag.ts";
import { listen } from "./link.ts";
import type { Rings, SourceLag } from "./ring.ts";

/** Reads the state and the lag of replication. */
export const readReplication: HealthRead = {
  names: ["replica", "replication_running", "lag", "lag_fetch", "lag_apply"],
  need: "replica_status",
  ...CHANNELS_READ,
  async values(
    found,
    { connection, capabilities, before, replication: { now, rings, heartbeat, ...input } },
  ) {
    const self = String(found.row["server"] ?? "");
    const { links, channels } = listen(input.links, await channelsOf(found, connection, capabilities), now);
    const watched = new Map(
      channels.flatMap((channel) => {
        const found = rings(channel);
        return found === undefined ? [] : [[channel.name, found] as const];
      }),
    );
    const { methods, channels: _, ...health } = measureReplication({
      channels,
      rings: new Map([...watched].map(([name, { rings }]) => [name, rings])),
      fresh: Math.max(...[...watched.values()].map(({ fresh }) => fresh), 0),
      beats: heartbeat === undefined ? undefined : await beatsOf(connection, heartbeat),
      aurora: capabilities.cluster === "aurora" ? await readAuroraLag(connection) : undefined,
      cluster: capabilities.cluster,
      readOnly: before.read_only !== false,
      now,
      self,
    });
    const behind = behindOf(health.lag, channels.map(({ name }) => watched.get(name)?.rings));
    return {
      health,
      methods,
      links,
      sources: channels.map(({ source }) => source.address),
      ...behind && { behind },
    };
  },
};

/** The lag that this server's own replicas inherit; unknown if not all of its sources are known. */
function behindOf(
  lag: number | Unknown,
  sources: readonly (Rings | undefined)[],
): SourceLag | undefined {
  if (typeof lag !== "number" || sources.length === 0 || sources.includes(undefined)) return undefined;
  const rings = sources.flatMap((rings) => Object.values(rings ?? {}));
  const through = rings.flatMap(({ server, samples }) => [server, ...samples.at(-1)?.latest?.through ?? []]);
  return { ms: lag, through: [...new Set(through)] };
}

/** If the heartbeat table is locked or missing, only that method is unknown. */
async function beatsOf(connection: Connection, table: string): Promise<readonly HeartbeatRow[] | Unknown> {
  try {
    return await readHeartbeatTable(connection, table);
  } catch (error) {
    return { unknown: `the heartbeat table cannot be read: ${refusal(error).message}` };
  }
}
