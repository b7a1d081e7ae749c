import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Client, type LabCluster, type LabServer, requireFlavors, startGalera, waitFor } from "../lab/mod.ts";
import { runProgram } from "../program.ts";
import { nothingHappensFor, startSniper, writeConfig } from "../integration/fixture.ts";
import { assertCommitsSpared, assertOnlyClientsEnded, LONG, onCluster } from "./cluster_stage.ts";

async function set(server: LabServer, ...settings: readonly string[]): Promise<void> {
  await using root = await Client.connect(server);
  for (const setting of settings) await root.query(`SET GLOBAL ${setting}`);
}

/** What a node says of itself. */
async function status(server: LabServer, name: string): Promise<string> {
  await using root = await Client.connect(server);
  const [row] = await root.query(`SHOW GLOBAL STATUS LIKE '${name}'`);
  return String(row?.Value);
}

async function rolesOf(servers: readonly LabServer[]): Promise<readonly string[]> {
  await using config = await writeConfig({ rules: LONG, databases: servers });
  const { stdout } = await runProgram(["check", "-c", config.file, "--format", "json"]);
  return stdout.trim().split("\n").map((line) => {
    const { role, unreachable } = JSON.parse(line);
    return String(role ?? unreachable);
  });
}

async function roles({ servers }: LabCluster): Promise<void> {
  const [first, second] = servers as readonly [LabServer, LabServer];
  assertEquals(await rolesOf([first, second]), ["writable", "writable"]);
  await set(second, "wsrep_desync = ON");
  assertEquals(await rolesOf([first, second]), ["writable", "Galera node: Donor/Desynced"]);
  await set(second, "wsrep_desync = OFF");
  await waitFor(
    "the node to be in step",
    async () => await status(second, "wsrep_local_state_comment") === "Synced",
  );
  assertEquals(await rolesOf([second]), ["writable"]);
}

async function onlyClients({ servers }: LabCluster): Promise<void> {
  const [first, second] = servers as readonly [LabServer, LabServer];
  await using writer = await Client.connect(first);
  await assertOnlyClientsEnded(second, async () => {
    for (let write = 0; write < 100; write++) {
      await writer.query("UPDATE test.item SET stock = stock + 1 WHERE id < 100");
    }
  });
  assertEquals(await status(first, "wsrep_cluster_size"), "2");
}

async function commitWaits({ servers }: LabCluster): Promise<void> {
  const [first, second] = servers as readonly [LabServer, LabServer];
  await assertCommitsSpared(first, [second]);
}

/** A node that is cut off lets clients in, and answers next to nothing (error 1047). */
async function cutOff({ servers }: LabCluster): Promise<void> {
  const [, second] = servers as readonly [LabServer, LabServer];
  await using root = await Client.connect(second);
  await using sniper = await startSniper({ rules: LONG, databases: [second] });
  const count = (name: string) => sniper.events().filter(({ event }) => event === name).length;
  await sniper.event("the first look", ({ event }) => event === "connected");
  await root.query("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'");
  const failed = await sniper.program.event("the failure", ({ event }) => event === "unreachable", {
    timeoutMs: 30_000,
  });
  assertStringIncludes(String(failed["reason"]), "WSREP has not yet prepared node for application use");
  await nothingHappensFor(8000);
  assertEquals([count("connected"), count("unreachable")], [1, 1], "told once each");
  assertMatch((await rolesOf([second]))[0]!, /WSREP has not yet prepared node/);
  await root.query("SET GLOBAL wsrep_provider_options = 'gmcast.isolate=0'");
  await sniper.program.event("a look", () => count("connected") === 2, { timeoutMs: 60_000 });
  assertEquals(count("unreachable"), 1);
}

const hasMariadb = (await requireFlavors()).includes("mariadb");

if (hasMariadb) {
  Deno.test("a Galera cluster of two nodes", async (t) => {
    await using cluster = await startGalera();
    await onCluster(t, cluster, [
      ["check says so of a node that is not in step", roles],
      ["only clients are ever selected, while writes of the other node are applied", onlyClients],
      ["a client whose commit waits for the other node is spared, and others are not", commitWaits],
      [
        "a node that its cluster has left: no look, so not connected; told once, tried ever less often",
        cutOff,
      ],
    ]);
  });
}
