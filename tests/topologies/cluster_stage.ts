import { assertEquals } from "@std/assert";
import { type LabCluster, type LabServer, waitFor } from "../lab/mod.ts";
import { appClients, nothingHappensFor, slowQuery, start, startSniper } from "../integration/fixture.ts";

/** Ends the connections of whoever runs something for long. */
export const LONG = "policies: [{ name: long, where: \"user = 'app' and time > 300ms\", " +
  "then: kill connection, rollback: any }]";

/** Something that is tried on a cluster. */
export type ClusterStep = readonly [name: string, run: (cluster: LabCluster) => Promise<void>];

/** Tries them one after the other. */
export async function onCluster(
  t: Deno.TestContext,
  cluster: LabCluster,
  steps: readonly ClusterStep[],
): Promise<void> {
  for (const [name, run] of steps) await t.step(name, () => run(cluster));
}

/** Demands that a policy that selects everybody ends both of two clients, one at work and one at rest, and nobody else. */
export async function assertOnlyClientsEnded(
  server: LabServer,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await using apps = await appClients(server, 2);
  await using sniper = await startSniper({
    rules: "policies: [{ name: all, where: running or idle, then: kill connection, rollback: any }]\n" +
      "protect: [\"user = 'root'\"]",
    databases: [server],
  });
  const slow = start(apps.clients[0]!, slowQuery(60));
  await meanwhile();
  assertEquals(await slow.error, -1);
  await waitFor("both clients to be ended", () => Promise.resolve(sniper.kills().length >= 2));
  await nothingHappensFor(1000);
  const ended = sniper.kills().filter((kill) => !kill.startsWith("protected"));
  assertEquals(ended.toSorted(), apps.clients.map(({ id }) => `killed ${id}`).toSorted());
}

/**
 * Demands that commits that wait for others, which stand still for less long than it takes to be dropped, are spared, and
 * a query beside them is not.
 */
export async function assertCommitsSpared(
  server: LabServer,
  others: readonly LabServer[],
): Promise<void> {
  await using apps = await appClients(server, 3);
  const [implicit, explicit, reader] = apps.clients;
  await explicit!.query("START TRANSACTION");
  await explicit!.query("UPDATE item SET stock = stock + 1 WHERE id = 2");
  await using sniper = await startSniper({ rules: LONG, databases: [server] });
  await sniper.event("the first look", ({ event }) => event === "connected");
  for (const other of others) other.pause();
  const writes = [
    start(implicit!, "UPDATE item SET stock = stock + 1 WHERE id = 3"),
    start(explicit!, "COMMIT"),
  ];
  try {
    assertEquals(await start(reader!, slowQuery(60)).error, -1, "others are ended meanwhile");
    await nothingHappensFor(1500);
    assertEquals(sniper.kills(), [`killed ${reader!.id}`]);
  } finally {
    for (const other of others) other.resume();
  }
  assertEquals(await Promise.all(writes.map(({ error }) => error)), [0, 0]);
}
