import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { isUnknown } from "../../src/language/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { Metrics } from "../../src/mysql/metrics.ts";
import { ACCOUNTS, Client } from "../lab/mod.ts";
import { onEachFlavor } from "../integration/fixture.ts";

await onEachFlavor("Metrics", [
  ["a slow one does not blind the others, nor hide why one cannot be read", async ({ primary }) => {
    const { user, password } = ACCOUNTS.root;
    const target = {
      address: { host: primary.host, port: primary.port },
      tls: { mode: "preferred" },
      account: { user, password: new Secret(password) },
    } as const;
    const every = 500;
    const metrics = new Metrics(target, {
      slow: { sql: "SELECT SLEEP(2.5)", every },
      locked: { sql: "SELECT COUNT(*) FROM test.item", every },
      broken: { sql: "SELECT nothing FROM nowhere.at_all", every },
      fast: { sql: "SELECT COUNT(*) FROM test.config", every },
    }, systemClock);
    await using root = await Client.connect(primary);
    await using holder = await Client.connect(primary, ACCOUNTS.app);
    await holder.query("LOCK TABLES test.item WRITE");
    try {
      const seen: Record<string, Set<unknown>> = {
        slow: new Set(),
        locked: new Set(),
        broken: new Set(),
        fast: new Set(),
      };
      // The first look waits for all of them.
      await metrics.current();
      await systemClock.sleep(every);
      await metrics.current();
      await systemClock.sleep(every);
      let most = 0;
      for (const until = systemClock.now() + 9000; systemClock.now() < until; await systemClock.sleep(100)) {
        const current = await metrics.current();
        for (const [name, values] of Object.entries(seen)) {
          const value = current![`metric.${name}`];
          values.add(isUnknown(value) ? value.unknown : value);
        }
        const [row] = await root.query(
          "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = 'root' AND ID <> CONNECTION_ID()",
        );
        most = Math.max(most, Number(row!["n"]));
      }
      assertEquals([...seen["fast"]!], [3]);
      assertEquals(seen["broken"]!.size, 1, [...seen["broken"]!].join("\n"));
      assertStringIncludes(String([...seen["broken"]!][0]), "its SQL is refused: ");
      assert(!seen["locked"]!.has("it was not read for too long"), [...seen["locked"]!].join("\n"));
      // What takes longer than three times its interval is out of date when it comes.
      assert(seen["slow"]!.has("it was not read for too long"), [...seen["slow"]!].join("\n"));
      assert(most <= 4, `${most} connections at once, for 4 metrics`);
    } finally {
      await metrics.close();
    }
    await systemClock.sleep(200);
    assertEquals(
      await root.query(
        "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = 'root' AND COMMAND = 'Sleep'",
      ),
      [{ n: 0 }],
      "no connection is left behind",
    );
  }],
], { alone: true });
