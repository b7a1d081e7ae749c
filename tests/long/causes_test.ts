import { assertEquals, assertStringIncludes } from "@std/assert";
import { isUnavailable } from "../../src/mysql/probe_locks.ts";
import { ACCOUNTS, caughtUp, Client, type LabPair, requireFlavors, startPair, waitFor } from "../lab/mod.ts";
import { LOCK_STEPS } from "./causes_locks.ts";
import { onStage, placesOf, run, stageOn, started, type Step } from "./causes_stage.ts";
import { PIN_STEPS, TRANSACTION_STEPS } from "./causes_transactions.ts";
import { errorOf } from "../integration/fixture.ts";

/** DDL of the source waits on the replica for a reader there, and all replication behind it. */
async function applierWaits(pair: LabPair): Promise<void> {
  await using primary = await Client.connect(pair.primary, ACCOUNTS.root, { database: "test" });
  {
    await using stage = await stageOn(pair.replica);
    const [reader, other] = [await stage.open(), await stage.open()];
    await run(reader, ["BEGIN", "SELECT * FROM config"]);
    await run(other, ["BEGIN", "SELECT * FROM item WHERE id = 1"]);
    await primary.query("ALTER TABLE config ADD COLUMN extra INT");
    const graph = await waitFor("the applier to wait", async () => {
      const graph = await stage.graph();
      return graph.roots.length > 0 && graph;
    });
    assertEquals(placesOf(graph, [reader, other]), [[false, 1, true], [false, 0, false]]);
    assertEquals(graph.roots, [reader.id]);
  }
  await primary.query("ALTER TABLE config DROP COLUMN extra");
  await caughtUp(pair);
}

/** The servers' settings beside which locks are read in another way. */
const SETTINGS = {
  mysql: [[]],
  mariadb: [[], ["--performance-schema=ON", "--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON"]],
} as const;

for (const flavor of await requireFlavors()) {
  if (flavor === "mysql") {
    Deno.test("causes on mysql without its performance schema", withoutPerformanceSchema);
  }
  for (const serverArguments of SETTINGS[flavor]) {
    Deno.test(`causes on ${flavor} ${serverArguments.join(" ")}`, async (t) => {
      await using pair = await startPair(flavor, { serverArguments });
      await allowPerformanceSchema(pair);
      if (serverArguments.length === 0) await onStage(t, pair.primary, TRANSACTION_STEPS);
      if (flavor === "mariadb" && serverArguments.length === 0) {
        await onStage(t, pair.primary, [NO_PLUGIN]);
        if (!await installPlugin(pair)) return;
      }
      await onStage(t, pair.primary, LOCK_STEPS);
      await t.step("an applier that waits for a reader's metadata lock", () => applierWaits(pair));
    });
  }
}

/** InnoDB's own tables are enough for read views; who waits for whom is not there. */
async function withoutPerformanceSchema(t: Deno.TestContext): Promise<void> {
  await using pair = await startPair("mysql", { serverArguments: ["--performance-schema=OFF"] });
  await onStage(t, pair.primary, PIN_STEPS);
  await t.step("what is missing, and what helps", async () => {
    await using stage = await stageOn(pair.primary);
    const { rowLocks, metadataLocks, transactionEvents } = stage.capabilities;
    assertEquals(transactionEvents, false);
    assertEquals([rowLocks, metadataLocks].map((found) => isUnavailable(found) && found.missing), [
      "the performance schema",
      "the instrumentation of metadata locks",
    ]);
    assertStringIncludes(
      (await stage.graph()).gap!,
      "row locks cannot be read without the performance schema",
    );
  });
}

const NO_PLUGIN: Step = [
  "without a way to read metadata locks, blockers are unknown",
  async (stage) => {
    assertEquals(stage.capabilities.metadataLocks, {
      missing: "the plugin metadata_lock_info",
      remedy: "INSTALL SONAME 'metadata_lock_info'",
    });
    assertEquals((await stage.graph()).gap, undefined, "nobody waits");
    const [owner, waiter] = [await stage.open(), await stage.open()];
    await run(owner, ["LOCK TABLES config WRITE"]);
    await started(waiter, "SELECT * FROM config");
    const graph = await stage.graph();
    assertEquals([graph.roots, placesOf(graph, [waiter])], [[], [[true, 0, false]]]);
    assertStringIncludes(graph.gap!, "INSTALL SONAME 'metadata_lock_info'");
  },
];

/** The lab's account may read it on MySQL only. */
async function allowPerformanceSchema(pair: LabPair): Promise<void> {
  await using root = await Client.connect(pair.primary);
  await root.query("GRANT SELECT ON performance_schema.* TO sniper@'%'");
  await caughtUp(pair);
}

/** Whether MariaDB's plugin could be installed on both servers: not every package has it. */
async function installPlugin(pair: LabPair): Promise<boolean> {
  for (const server of [pair.primary, pair.replica]) {
    await using root = await Client.connect(server);
    if (await errorOf(root.query("INSTALL SONAME 'metadata_lock_info'")) !== 0) return false;
  }
  return true;
}
