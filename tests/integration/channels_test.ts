import { assertEquals, assertMatch } from "@std/assert";
import type { Clause } from "../../src/language/mod.ts";
import { Client, type LabPair } from "../lab/mod.ts";
import {
  appClients,
  type Case,
  INTERRUPTED,
  onEachFlavor,
  slowQuery,
  start,
  startSniper,
} from "./fixture.ts";
import { startWriter } from "./lag_observer.ts";

/** Sets up a second channel of the replica, which is not started: nobody knows what it is behind. */
async function addStoppedChannel({ flavor, replica }: LabPair): Promise<void> {
  await using root = await Client.connect(replica);
  await root.query(
    flavor === "mysql"
      ? "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = 1 FOR CHANNEL 'second'"
      : "CHANGE MASTER 'second' TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1",
  );
}

const CASES: readonly Case[] = [
  ["one channel is stopped and one is behind the limit: the gate opens, and says so", async (pair) => {
    await addStoppedChannel(pair);
    await using _writer = await startWriter(pair.primary);
    await using locker = await Client.connect(pair.replica);
    await using app = await appClients(pair.replica, 1);
    await using sniper = await startSniper({
      rules:
        `policies: [{ name: late, when: lag > 3s, where: "user = 'app' and time > 200ms", then: kill query }]`,
      databases: [pair.replica],
    });
    const gate = (state: string) =>
      sniper.program.event(
        `the gate to be ${state}`,
        (event) => event.event === "gate" && event.state === state,
        {
          timeoutMs: 30_000,
        },
      );
    const victim = start(app.clients[0]!, slowQuery(60));
    const [unknown] = (await gate("unknown"))["because"] as readonly Clause[];
    assertMatch(
      unknown!.left,
      /^(unknown|at least \S+, unknown beyond): the channel "second" does not apply$/,
    );
    // The applier waits for it, and what is missing grows older.
    await locker.query("LOCK TABLES test.heartbeat READ");
    const [open] = (await gate("open"))["because"] as readonly Clause[];
    assertMatch(open!.left, /^at least \S+, unknown beyond: the channel "second" does not apply$/);
    assertEquals(await victim.error, INTERRUPTED);
    await locker.query("UNLOCK TABLES");
  }],
];

await onEachFlavor("a replica of several channels", CASES);
