import { assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { StatementSummary } from "../../src/mysql/executions.ts";
import { Secret } from "../../src/text/secret.ts";
import { ACCOUNTS, Client } from "../lab/mod.ts";
import { onEachFlavor } from "./fixture.ts";

await onEachFlavor("The statement summary", [
  [
    "counts how often a digest ran, and is empty without a performance schema",
    async ({ flavor, primary }) => {
      const { user, password } = ACCOUNTS.root;
      const summary = new StatementSummary({
        address: { host: primary.host, port: primary.port },
        tls: { mode: "preferred" },
        account: { user, password: new Secret(password) },
      });
      await using app = await Client.connect(primary, ACCOUNTS.app);
      await using root = await Client.connect(primary);
      try {
        const run = async (times: number) => {
          for (let time = 0; time < times; time++) await app.query(`SELECT ${time}, 'counted', 4711`);
        };
        await run(2);
        const [row] = await root.query(
          "SELECT DIGEST AS digest FROM performance_schema.events_statements_summary_by_digest " +
            "WHERE DIGEST_TEXT = 'SELECT ?, ... ' OR DIGEST_TEXT LIKE 'SELECT ?, ...%' ORDER BY LAST_SEEN DESC LIMIT 1",
        );
        const digest = row === undefined ? "0".repeat(64) : String(row["digest"]);
        const before = await summary.read([digest, "no digest'"]);
        await run(3);
        const after = await summary.read([digest]);
        if (flavor === "mariadb") return assertEquals([before, after], [[], []]);
        assertEquals(after!.map(({ serverDigest }) => serverDigest), [digest]);
        assertEquals(after![0]!.count - before![0]!.count, 3);
        assertEquals(after![0]!.time_ms > before![0]!.time_ms, true);
      } finally {
        await summary.close();
      }
    },
  ],

  ["is unknown to an account that may not read it, and holds up nothing", async ({ primary }) => {
    const { user } = ACCOUNTS.app;
    const summary = new StatementSummary({
      address: { host: primary.host, port: primary.port },
      tls: { mode: "preferred" },
      account: { user, password: new Secret("wrong") },
    });
    const begun = systemClock.now();
    assertEquals(await summary.read(["0".repeat(64)]), undefined);
    assertEquals(systemClock.now() - begun < 3000, true);
    await summary.close();
  }],
]);
