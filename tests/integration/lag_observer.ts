import type { ServerHealth } from "../../src/mysql/reads/health.ts";
import { assert } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import {
  type Channel,
  connect,
  disconnect,
  type Links,
  readHealth,
  readIdentity,
  recordPositions,
  type ReplicationInput,
  type Rings,
  type Server,
} from "../../src/mysql/mod.ts";
import type { ConnectionTarget } from "../../src/connection/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { readHeartbeatTable } from "../../src/mysql/replication/heartbeat_table.ts";
import { measureReplication, type Replication } from "../../src/mysql/replication/lag.ts";
import { ACCOUNTS, Client, type LabPair, type LabServer, waitFor } from "../lab/mod.ts";
import { type SlowLink, startSlowLink } from "./slow_link.ts";

/** What one look found. */
export interface Look {
  /** With the source watched. */
  readonly watched: Replication;
  /** By the replica alone. */
  readonly alone: Replication;
  readonly channel: Channel;
  /** What the replica status says, in milliseconds. */
  readonly status: number | null;
  /** The age of the newest heartbeat that came through, in milliseconds. */
  readonly truth: number;
}

async function watch({ host, port }: LabServer): Promise<Server> {
  const { user, password } = ACCOUNTS.sniper;
  const target: ConnectionTarget = {
    address: { host, port },
    tls: { mode: "preferred" },
    account: { user, password: new Secret(password) },
  };
  return await connect(target, { armed: false });
}

/** Looks at a source and at its replica as the program would, and at the truth. */
export class Observer implements AsyncDisposable {
  #rings: Rings = {};
  #links: Links = {};
  /** Whether the source is asked for its file and offset. */
  file = false;
  private constructor(
    readonly source: Server,
    readonly replica: Server,
    readonly sourceName: string,
    readonly beats: Client,
  ) {}

  static async open({ primary, replica }: LabPair): Promise<Observer> {
    const [source, follower] = await Promise.all([watch(primary), watch(replica)]);
    const { watching, capabilities } = source;
    const { identity } = await readIdentity(watching, capabilities);
    return new Observer(source, follower, identity.server, await Client.connect(replica));
  }

  async look(): Promise<Look> {
    const { source, replica, file } = this;
    const { positions = [] } = await this.#read(source, { names: [], position: { file } }, () => undefined);
    this.#rings = recordPositions(this.#rings, { server: this.sourceName, positions, at: systemClock.now() });
    const now = systemClock.now();
    const { watching, capabilities } = replica;
    const channels: Channel[] = [];
    const { links = {} } = await this.#read(replica, { names: ["lag"] }, (channel) => {
      channels.push(channel);
      return undefined;
    });
    this.#links = links;
    const [beat] = await readHeartbeatTable(watching, "test.heartbeat");
    const [status] = await this.beats.query(capabilities.replicaStatus);
    const seconds = status?.["Seconds_Behind_Source"] ?? status?.["Seconds_Behind_Master"] ?? null;
    const view = { channels, cluster: undefined, readOnly: true, now };
    const [channel] = channels;
    assert(channels.length === 1 && channel !== undefined);
    return {
      watched: measureReplication({ ...view, rings: new Map([[channel.name, this.#rings]]) }),
      alone: measureReplication({ ...view, rings: new Map() }),
      channel,
      status: seconds === null ? null : Number(seconds) * 1000,
      truth: beat?.age ?? Number.NaN,
    };
  }

  /** One statement as the program sends it. */
  #read(
    { watching, capabilities }: Server,
    { names, position }: {
      readonly names: readonly string[];
      readonly position?: { readonly file: boolean };
    },
    rings: ReplicationInput["rings"],
  ): Promise<ServerHealth> {
    const replication = { now: systemClock.now(), links: this.#links, rings, heartbeat: undefined };
    return readHealth(watching, capabilities, { needs: new Set(names), lease: false, position, replication });
  }

  /** Looks every 100 ms until a look fits. */
  until(what: string, test: (look: Look) => boolean): Promise<Look> {
    return waitFor(what, async () => {
      const look = await this.look();
      if (test(look)) return look;
      await pause(100);
    }, { timeoutMs: 30_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([disconnect(this.source), disconnect(this.replica), this.beats.close()]);
  }
}

/** Waits, in milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Writes heartbeats and ballast on a server every 50 ms until it is disposed of. */
export async function startWriter(server: LabServer): Promise<AsyncDisposable> {
  const client = await Client.connect(server);
  await client.query(
    "CREATE TABLE IF NOT EXISTS test.heartbeat (server_id INT UNSIGNED PRIMARY KEY, " +
      "ts DATETIME(6) NOT NULL, ballast TEXT)",
  );
  await client.query("GRANT SELECT ON test.heartbeat TO sniper@'%'");
  let stopped = false;
  const writing = (async () => {
    while (!stopped) {
      await client.query(
        "REPLACE INTO test.heartbeat VALUES (@@server_id, UTC_TIMESTAMP(6), REPEAT('x', 2000))",
      );
      await pause(50);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stopped = true;
      await writing;
      await client.close();
    },
  };
}

/** What each flavor calls things. */
export const words = (pair: LabPair) =>
  pair.flavor === "mysql"
    ? { replica: "REPLICA", change: "CHANGE REPLICATION SOURCE TO SOURCE" }
    : { replica: "SLAVE", change: "CHANGE MASTER TO MASTER" };

/** Changes the replica's channel: `PORT = 1`, `DELAY = 5`. */
export async function change(pair: LabPair, ...settings: readonly string[]): Promise<void> {
  await using root = await Client.connect(pair.replica);
  const { replica, change } = words(pair);
  const prefix = change.slice(change.lastIndexOf(" ") + 1);
  await root.query(`STOP ${replica}`);
  await root.query(
    `${change}_${settings[0]}${settings.slice(1).map((setting) => `, ${prefix}_${setting}`).join("")}`,
  );
  await root.query(`START ${replica}`);
}

/** Leads the replica's link through a forwarder until that is disposed of; what comes from the source does so by now. */
export async function throughSlowLink(pair: LabPair, ...settings: readonly string[]): Promise<SlowLink> {
  const link = startSlowLink(pair.primary.port);
  await change(pair, `PORT = ${link.port}`, ...settings);
  await using root = await Client.connect(pair.replica);
  // A replica that has nothing to catch up with is at its source's end before it is connected.
  await waitFor("the replica's connection through the link", async () => {
    const [status] = await root.query(`SHOW ${words(pair).replica} STATUS`);
    return (status?.["Replica_IO_Running"] ?? status?.["Slave_IO_Running"]) === "Yes";
  });
  return {
    ...link,
    async [Symbol.asyncDispose]() {
      await change(pair, `PORT = ${pair.primary.port}`);
      await link[Symbol.asyncDispose]();
    },
  };
}
