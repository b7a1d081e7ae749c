import { assertEquals } from "@std/assert";
import { databaseReports } from "../../src/config/report.ts";
import { budgetKeys, levelKeys } from "../../src/config/level_keys.ts";
import { policyKeys } from "../../src/config/policy_keys.ts";
import { databaseKeys } from "../../src/config/schema.ts";
import { load } from "./folder.ts";

/** Everything that a database and a policy can have, as validate-config would write it. */
const WRITTEN = {
  interval: "2s",
  mode: "enforce",
  lease: "off",
  verify: "1.5s",
  grace: "1m",
  heartbeat: "ops.heartbeat",
  ssl_mode: "disabled",
};
const BUDGET = { kills: 7, per: "2m", share: "12.5%", at_least: 2 };
const POLICY = {
  description: "Long reads.",
  mode: "dry-run",
  when: "lag > 1s",
  until: "lag < 1s",
  for: "5s",
  during: "Mon-Fri 08:00-20:00 Europe/Berlin",
  where: "time > 10s",
  then: "kill query",
  escalate: "10s",
  victims: { order: "newest", limit: 5 },
  settle: "1m",
  give_up_after: 3,
  share: "5%",
  rollback: "any",
};

Deno.test("a report writes what was read as it was written, every key of it", async () => {
  const keys = { ...WRITTEN, budget: BUDGET };
  const text = JSON.stringify({
    ...keys,
    policies: [{ name: "reads", ...POLICY }],
    databases: [{ name: "orders", host: "db1", port: 3307 }],
  });
  const [report] = databaseReports(await load({ "query-sniper.yaml": text }));
  const { policies: [policy], ...database } = report!;
  assertEquals<unknown>(policy, { name: "reads", ...POLICY });
  assertEquals<unknown>({ ...database, ...keys }, database);
  assertEquals(
    Object.keys(policyKeys).toSorted(),
    Object.keys(POLICY).toSorted(),
    "a key that is not reported",
  );
  assertEquals(Object.keys(budgetKeys), Object.keys(BUDGET));
  // Files are named, not shown; of addresses one of two is there, and who is in no group has none.
  const unseen = ["ssl_ca", "ssl_cert", "ssl_key", "socket", "group", "source"];
  const told = Object.keys({ ...levelKeys, ...databaseKeys }).filter((key) => !unseen.includes(key));
  assertEquals(told.filter((key) => !(key in report!)), []);
});
