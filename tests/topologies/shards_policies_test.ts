// `shards plan`, `explain`, `record` and `replay` on real shards, by the program itself.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { Client, type LabServer, requireFlavors, waitFor } from "../lab/mod.ts";
import { runProgram, startProgram } from "../program.ts";
import { groupConfig, ROUTER, SCHEMA, startGroup, writeGroup } from "../shards/stage.ts";

const POLICIES = [
  "  metrics: { interval: 1s }",
  "  policies:",
  "    - { name: hot, each: shard, when: rows > 100 or cpu > 70%, for: 1m, then: split, settle: 30m }",
  "    - { name: cold, when: sum(rows) > 90, then: add shard }",
  "    - { name: lagging, when: max(lag) > 5s or count(read_only) > 0, then: log }",
  "",
].join("\n");

for (const flavor of await requireFlavors()) {
  Deno.test(`policies about shards are asked on real servers: ${flavor}`, async (t) => {
    await using cluster = await startGroup(flavor, 2);
    const [first, second] = cluster.servers as [LabServer, LabServer];
    await using written = await writeGroup(`${groupConfig(cluster.servers)}${POLICIES}`, ROUTER);
    for (const server of [first, second]) {
      await using client = await Client.connect(server);
      await client.query(`USE ${SCHEMA}`);
      const own = (await client.query("SELECT slot FROM qs_slots")).map(({ slot }) => Number(slot));
      const count = server === first ? 120 : 10;
      const keys = Array.from({ length: 2000 }, (_, key) => key);
      const rows = await client.query(
        `SELECT k FROM (${
          keys.map((key) => `SELECT ${key} AS k`).join(" UNION ALL ")
        }) AS keys_ WHERE CRC32(k) % 1024 IN (${own.join(", ")}) LIMIT ${count}`,
      );
      await client.query(`INSERT INTO users (user_id) VALUES ${rows.map(({ k }) => `(${k})`).join(", ")}`);
    }
    const shards = async (...args: readonly string[]) =>
      await runProgram(["shards", ...args, "-c", written.file]);

    await t.step("plan says what would be done, and why", async () => {
      const { code, stdout, stderr } = await shards("plan", "--format", "json");
      assertEquals({ code, stderr }, { code: 0, stderr: "" });
      const { mode, map, moving, policies } = JSON.parse(stdout);
      assertEquals([mode, map.agrees, moving], ["enforce", true, false]);
      const told = policies.map((each: Record<string, unknown>) =>
        [each["policy"], each["shard"], each["gate"], each["verdict"], each["reason"]].map((item) =>
          item ?? "-"
        ).join(" ")
      );
      assertEquals(told, [
        "hot shard-1 open acts -",
        "hot shard-2 unknown waits -",
        "cold - open skipped changing",
        // This account may not see whether the servers replicate.
        "lagging - unknown waits -",
      ]);
      assertEquals(policies[0].because, [{ expression: "rows > 100", left: "120", right: "100" }]);
      assertEquals(policies[2].because, [{ expression: "sum(rows) > 90", left: "130", right: "90" }]);
      assertEquals(policies[0].no_moves, "there is no server for a new shard");
      const text = (await shards("plan")).stdout;
      assertStringIncludes(text, "\nhot of shard-1: there is no server for a new shard\n");
      assertStringIncludes(text, "POLICY   SHARD    GATE");
      assertStringIncludes(text, "split, once it is so for 60s");
      assertStringIncludes(text, "not add shard: another change is under way: one at a time");
    });

    await t.step("explain says where each value is from, and why it is not known", async () => {
      const { code, stdout } = await shards("explain");
      assertEquals(code, 0);
      for (
        const part of [
          "  the map (version 2) and the shards agree",
          "shard-1: 512 slots",
          "unknown: there is no source: `metrics.node_exporter`",
          "COUNT(*) of owned slots",
          "  rows by table: users 120, orders 0, products 0, countries 0",
          "policy hot, shard-1: open: split, once it is so for 60s",
          "  sum(rows) > 90: 130",
        ]
      ) assertStringIncludes(stdout, part);
      const { shards: found } = JSON.parse((await shards("explain", "--format", "json")).stdout);
      assertEquals(
        found.map(({ shard, values }: { shard: string; values: { rows: number } }) => [shard, values.rows]),
        [
          ["shard-1", 120],
          ["shard-2", 10],
        ],
      );
    });

    await t.step("what was recorded is replayed under other policies, without the servers", async () => {
      const file = join(written.folder, "group.jsonl");
      const recorder = startProgram(["shards", "record", file, "-c", written.file]);
      await recorder.line("recording", (line) => line.startsWith("recording shop to "));
      await waitFor("three looks", async () => (await Deno.readTextFile(file)).trim().split("\n").length > 3);
      const { code } = await recorder.stop("SIGINT");
      assertEquals([code, (await Deno.stat(file)).mode! & 0o777], [0, 0o600]);
      const again = await shards("record", file);
      assertEquals(again.code, 1);
      assertStringIncludes(again.stderr, "cannot write");
      const text = await Deno.readTextFile(written.file);
      await Deno.writeTextFile(
        written.file,
        text.replace("for: 1m", "for: 1s").replace("then: add shard", "then: log"),
      );
      const replayed = await shards("replay", file, "--format", "json");
      assertEquals(replayed.stderr, "");
      const decisions = replayed.stdout.trim().split("\n").map((line) => JSON.parse(line));
      const told = decisions.map((
        { policy, action, shard, outcome },
      ) => [policy, action, shard, outcome?.skipped]);
      // The looks are within the grace after the first one.
      assertEquals(told[0], ["cold", "log", undefined, undefined]);
      assertEquals(told[1], ["hot", "split", "shard-1", "grace"]);
      const summary = (await shards("replay", file)).stdout.trim().split("\n").at(-1)!;
      assert(/^\d+ looks, 0 changes: /.test(summary), summary);
      await Deno.writeTextFile(file, '{"group_recording":1}\n{"wall":1}\n{"wall":2}\n');
      const broken = await shards("replay", file);
      assertEquals([broken.code, broken.stderr.trim()], [
        2,
        `${file}:2: expected a look, with wall and snapshot`,
      ]);
    });

    await t.step("a shard that is down is told, and holds everything", async () => {
      await second.stop();
      const { code, stdout } = await shards("plan");
      assertEquals(code, 1);
      assertStringIncludes(stdout, "shard-2: the shard cannot be reached: nothing listens there");
      assertStringIncludes(stdout, "not split: a shard cannot be reached: shard-2");
    });
  });
}
