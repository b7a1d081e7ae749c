import { assertEquals } from "@std/assert";
import { loadConfig } from "../../src/config/mod.ts";
import { Folder, IF_PRESENT, loadDatabases, problemsOf } from "./folder.ts";

const two = (rest: string) => `
heartbeat: ops.beats
databases:
  - { name: orders, host: db1 }
  - { name: copy, host: db2${rest} }
`;

function problemsIn(yaml: string): Promise<readonly string[]> {
  return problemsOf({ "query-sniper.yaml": yaml });
}

Deno.test("a database names its source, and a table that shows its lag", async () => {
  const { orders, copy } = await loadDatabases(two(", source: orders, heartbeat: other.beats"));
  assertEquals([orders?.source, orders?.heartbeat], [undefined, "ops.beats"]);
  assertEquals([copy?.source, copy?.heartbeat], ["orders", "other.beats"]);
});

Deno.test("a source is another database of the file", async () => {
  assertEquals(await problemsIn(two(", source: order")), [
    'query-sniper.yaml:5:38: databases[1].source: no database has this name: "order" (did you mean "orders"?)',
  ]);
  assertEquals(await problemsIn(two(", source: copy")), [
    'query-sniper.yaml:5:38: databases[1].source: a database is not its own source: "copy"',
  ]);
});

Deno.test("only the metrics that a database's policies use are kept, and these have to be there", async () => {
  const text = (databases: string) => `
metrics: { queue: { sql: SELECT 1 }, unused: { sql: SELECT 2 } }
policies: [{ name: p, when: metric.queue > 1 or metric.own > 1, where: running, then: log }]
databases:
${databases}`;
  const own =
    "  - { name: a, host: h, metrics: { own: { sql: SELECT 3, every: 1m }, queue: { sql: SELECT 4 } } }\n";
  const { a } = await loadDatabases(text(own));
  assertEquals(a?.rules.metrics, {
    queue: { sql: "SELECT 4", every: 10_000 },
    own: { sql: "SELECT 3", every: 60_000 },
  });
  assertEquals(await problemsIn(text(`${own}  - { name: b, host: h }\n`)), [
    "query-sniper.yaml:6:5: databases[1]: a metric that is used here is not defined for this database: metric.own",
  ]);
});

Deno.test("a policy by cause without settle is doubtful, at its place", async () => {
  await using folder = await Folder.make({
    "query-sniper.yaml": `
policies:
  - { name: p, when: hll > 1M, where: pins_purge, then: kill connection }
  - { name: q, when: hll > 1M, where: pins_purge, then: kill connection, settle: 1m }
  - { name: r, where: pins_purge, then: kill connection }
  - { name: s, when: hll > 1M, where: pins_purge, then: log }
databases: [{ name: a, host: h }]
`,
  });
  const { warnings } = await loadConfig(folder.file("query-sniper.yaml"), IF_PRESENT);
  const found = warnings.filter(({ message }) => message.includes("settle"));
  assertEquals(found.map(({ line, column, path }) => [line, column, path]), [[3, 39, "policies[0].where"]]);
});
