import { assertEquals } from "@std/assert";
import type { DatabaseConfig } from "../../src/config/mod.ts";
import type { Policy } from "../../src/policy/mod.ts";
import { load, loadDatabases } from "./folder.ts";
import { DATABASE_DOMAIN } from "../../src/mysql/mod.ts";

const LEVELS = `
mode: enforce
interval: 2s
limits: { lag: 30s, hll: 1M }
budget: { kills: 10, per: 2m }
ssl_mode: required
protect:
  - user = 'top'
groups:
  replicas:
    mode: dry-run
    interval: 3s
    limits: { lag: 2m, used: 80% }
    budget: { kills: 5 }
    ssl_mode: disabled
    protect:
      - user = 'group'
databases:
  - { name: plain, host: h1 }
  - { name: grouped, host: h2, group: replicas }
  - name: own
    host: h3
    group: replicas
    mode: enforce
    interval: 500ms
    limits: { lag: 1h, size: 64MiB }
    budget: { per: 30s }
    ssl_mode: preferred
    protect:
      - user = 'own'
  - { name: alone, host: h4, mode: dry-run, limits: { hll: 5 } }
`;

function protections({ rules }: DatabaseConfig): readonly string[] {
  return rules.protect.map(({ source }) => source);
}

Deno.test("loadConfig() lays a database's keys over its group's, and these over the top's", async () => {
  const { plain, grouped, own, alone } = await loadDatabases(LEVELS);
  const settings = [plain, grouped, own, alone].map((database) => {
    const { interval, tls, rules: { mode, limits, budget } } = database!;
    return { mode, interval, ssl: tls.mode, limits, budget };
  });
  assertEquals(settings, [
    {
      mode: "enforce",
      interval: 2000,
      ssl: "required",
      limits: { lag: 30_000, hll: 1_000_000 },
      budget: { kills: 10, per: 120_000, share: 20, atLeast: 5 },
    },
    {
      mode: "dry-run",
      interval: 3000,
      ssl: "disabled",
      limits: { lag: 120_000, hll: 1_000_000, used: 80 },
      budget: { kills: 5, per: 120_000, share: 20, atLeast: 5 },
    },
    {
      mode: "enforce",
      interval: 500,
      ssl: "preferred",
      limits: { lag: 3_600_000, hll: 1_000_000, used: 80, size: 67_108_864 },
      budget: { kills: 5, per: 30_000, share: 20, atLeast: 5 },
    },
    {
      mode: "dry-run",
      interval: 2000,
      ssl: "required",
      limits: { lag: 30_000, hll: 5 },
      budget: { kills: 10, per: 120_000, share: 20, atLeast: 5 },
    },
  ]);
});

Deno.test("loadConfig() adds the protections of all levels up", async () => {
  const { plain, grouped, own } = await loadDatabases(LEVELS);
  assertEquals(protections(plain!), ["user = 'top'"]);
  assertEquals(protections(grouped!), ["user = 'top'", "user = 'group'"]);
  assertEquals(protections(own!), ["user = 'top'", "user = 'group'", "user = 'own'"]);
});

Deno.test("loadConfig() says nothing of what is not in the file but the defaults", async () => {
  const { databases } = await load({ "query-sniper.yaml": "databases: [{ name: orders, host: db1 }]" });
  assertEquals(databases, [{
    name: "orders",
    address: { host: "db1", port: 3306 },
    tls: { mode: "preferred" },
    interval: 1000,
    rules: {
      domain: DATABASE_DOMAIN,
      mode: "dry-run",
      limits: {},
      policies: [],
      protect: [],
      budget: { kills: 30, per: 60_000, share: 20, atLeast: 5 },
      rollbackRows: 100_000,
      tags: ["controller", "action", "job", "route", "application", "method"],
      metrics: {},
      lease: true,
      verify: 5000,
      grace: 10_000,
    },
  }]);
});

Deno.test("loadConfig() gives a policy its defaults, and leaves out what means everything", async () => {
  const { orders } = await loadDatabases(`
policies:
  - { name: reads, where: running, then: log }
databases: [{ name: orders, host: db1 }]`);
  const [{ where, ...policy }] = orders!.rules.policies as [Policy];
  assertEquals(where.source, "running");
  assertEquals(policy, { name: "reads", for: 0, then: "log", victims: { order: "oldest" } });
});

Deno.test("loadConfig() reads addresses, and every scalar as the text that it is", async () => {
  const { a, b, "0123": c, yes } = await loadDatabases(`
databases:
  - { name: a, host: 10.0.0.1, port: 3307 }
  - { name: b, socket: /run/mysqld/mysqld.sock, group: 007 }
  - { name: 0123, host: 0x10 }
  - { name: yes, host: null }
groups: { 007: {} }`);
  assertEquals(a!.address, { host: "10.0.0.1", port: 3307 });
  assertEquals(b!.address, { socket: "/run/mysqld/mysqld.sock" });
  assertEquals(b!.group, "007");
  assertEquals(c!.address, { host: "0x10", port: 3306 });
  assertEquals(yes!.address, { host: "null", port: 3306 });
});

Deno.test("loadConfig() keeps the order of databases", async () => {
  const { databases } = await load({
    "query-sniper.yaml": "databases: [{ name: b, host: h }, { name: 9, host: h }, { name: a, host: h }]",
  });
  assertEquals(databases.map(({ name }) => name), ["b", "9", "a"]);
});

const POLICIES = `
limits: { query_time: 10s }
policies:
  - name: first
    description: Long reads.
    when: lag > 30s
    for: 5s
    where: running and time > limits.query_time
    then: kill query
    victims: { order: newest, limit: 5 }
  - { name: second, where: idle, then: kill connection, mode: dry-run }
  - { name: third, where: running, then: log }
groups:
  replicas:
    policies:
      first: { when: hll > 1M, for: 1m }
      second: off
      added: { where: idle_time > 1h, then: kill connection }
databases:
  - { name: plain, host: h1 }
  - { name: grouped, host: h2, group: replicas }
  - name: own
    host: h3
    group: replicas
    policies:
      own: { where: time > 1m, then: log }
      third: false
      first: { when: always, then: log, victims: { limit: 1 } }
      added: { mode: dry-run }
`;

async function policiesOf(name: string): Promise<readonly Policy[]> {
  return (await loadDatabases(POLICIES))[name]!.rules.policies;
}

Deno.test("loadConfig() asks policies in the order of the file, new ones after the inherited ones", async () => {
  const names = async (database: string) => (await policiesOf(database)).map(({ name }) => name);
  assertEquals(await names("plain"), ["first", "second", "third"]);
  assertEquals(await names("grouped"), ["first", "third", "added"]);
  assertEquals(await names("own"), ["first", "added", "own"]);
});

Deno.test("loadConfig() lets an override name only the keys that differ", async () => {
  const first = async (database: string) => {
    const { when, where, ...policy } = (await policiesOf(database))[0]!;
    return { ...policy, when: when?.source, where: where.source };
  };
  const plain = await first("plain");
  assertEquals(plain, {
    name: "first",
    description: "Long reads.",
    when: "lag > 30s",
    for: 5000,
    where: "running and time > limits.query_time",
    then: "kill query",
    victims: { order: "newest", limit: 5 },
  });
  const grouped = await first("grouped");
  assertEquals(grouped, { ...plain, when: "hll > 1M", for: 60_000 });
  const own = await first("own");
  assertEquals(own, { ...grouped, when: "always", then: "log", victims: { order: "newest", limit: 1 } });
});

Deno.test("loadConfig() keeps a policy's own mode, and lets a lower level set it", async () => {
  assertEquals((await policiesOf("plain")).map(({ mode }) => mode), [undefined, "dry-run", undefined]);
  assertEquals((await policiesOf("own")).map(({ mode }) => mode), [undefined, "dry-run", undefined]);
});

Deno.test("loadConfig() lets a limit be defined below the policy that uses it", async () => {
  const { a, b } = await loadDatabases(`
policies:
  - { name: reads, when: lag > limits.lag, where: running, then: log }
groups: { replicas: { limits: { lag: 2m } } }
databases:
  - { name: a, host: h, limits: { lag: 30s } }
  - { name: b, host: h, group: replicas }
  - { name: c, host: h, policies: { reads: off } }`);
  const { evaluate } = a!.rules.policies[0]!.when!;
  const database = { lag: 60_000 };
  assertEquals(evaluate({ limits: a!.rules.limits, database }), true);
  assertEquals(evaluate({ limits: b!.rules.limits, database }), false);
});
