import { assertEquals } from "@std/assert";
import { databaseReport, databaseReports, describeDatabase } from "../../src/config/report.ts";
import { budgetKeys, levelKeys } from "../../src/config/level_keys.ts";
import { policyKeys } from "../../src/config/policy_keys.ts";
import { databaseKeys } from "../../src/config/schema.ts";
import { duration, expression, object, optional, share } from "../../src/yaml/mod.ts";
import { load, loadDatabases } from "./folder.ts";

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

Deno.test("a key that is new in a table is reported, in JSON and in text, where it has a value", async () => {
  const written = { ...WRITTEN, policies: [{ name: "reads", where: "time > 10s", then: "kill query" }] };
  const { orders } = await loadDatabases(
    JSON.stringify({ ...written, databases: [{ name: "orders", host: "h" }] }),
  );
  const wait = duration({ min: "0s", max: "1h" });
  const rest = optional(object({ how_long: optional(wait, ""), part: optional(share, "") }), "");
  const database = { ...databaseKeys, ...levelKeys, patience: optional(wait, ""), quiet: optional(wait, "") };
  const policy = { ...policyKeys, calm_after: optional(wait, ""), unless: optional(expression, ""), rest };
  const [reads] = orders!.rules.policies;
  const told = { ...reads!, calmAfter: 90_000, unless: reads!.where, rest: { how_long: 2000, part: 12.5 } };
  const changed = { ...orders!, patience: 1500, rules: { ...orders!.rules, policies: [told] } };
  const report = databaseReport(changed, { database, policy });
  const { policies: [before], ...same } = databaseReport(orders!);
  const after = {
    ...before,
    calm_after: "90s",
    unless: "time > 10s",
    rest: { how_long: "2s", part: "12.5%" },
  };
  assertEquals<unknown>(report, { ...same, patience: "1.5s", policies: [after] });
  const [plainHead, plainKeys, plainPolicy] = describeDatabase(databaseReport(orders!));
  assertEquals(describeDatabase(report), [
    plainHead!,
    `${plainKeys}, patience 1.5s`,
    `${plainPolicy}, calm_after 90s, unless time > 10s, rest how_long 2s, part 12.5%`,
  ]);
});

Deno.test("a report has its keys in their old order", async () => {
  const keys = { ...WRITTEN, limits: { slow: "30s" }, metrics: { queue: { sql: "SELECT 1" } } };
  const text = JSON.stringify({
    ...keys,
    groups: { eu: {} },
    policies: [{ name: "reads", ...POLICY, when: "metric.queue > 1" }],
    databases: [{ name: "a", host: "h", group: "eu", source: "b" }, { name: "b", socket: "/run/b" }],
  });
  const [report] = databaseReports(await load({ "query-sniper.yaml": text }));
  assertEquals(
    Object.keys(report!).join(" "),
    "name group host port source ssl_mode mode interval lease verify grace heartbeat budget limits metrics tags " +
      "policies protect",
  );
  const order =
    "description mode when until for during where then escalate victims settle give_up_after share";
  assertEquals(Object.keys(report!.policies[0]!).join(" "), `name ${order} rollback`);
});
