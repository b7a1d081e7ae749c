import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readOriginal, yamlOf } from "../../src/shards/import/mod.ts";
import { Folder } from "../config/folder.ts";
import { runProgram } from "../program.ts";

const FILE = {
  shards: [
    { id: 1, host: "db1", port: 3307, user: "app", password: "hush-hush", database: "shop" },
    { id: 2, host: "db2", database: "shop" },
  ],
  table_shard_keys: { users: "user_id", orders: "customer_id" },
  thresholds: { cpu_percent: 70, memory_percent: 85, max_entries: 100, max_connections: 60, max_qps: 1000 },
  max_shards: 5,
  router_port: 8080,
  coordinator_port: 9090,
  check_interval: "10s",
  cooldown: 60,
};

const YAML = `# Converted by query-sniper shards import; see docs/shards.md.
# Their account was app: it belongs into credentials.yaml.
databases:
  - { name: shard-1, host: db1, port: 3307 }
  - { name: shard-2, host: db2, port: 3306 }
sharding:
  mode: dry-run                # enforce: it changes the group
  metadata: shard-1            # the database that keeps the map
  schema: shop
  tables:                      # name tables that are divided alike with one another: { key: …, with: TABLE }
    users: { key: user_id }
    orders: { key: customer_id }
  shards: [shard-1, shard-2]
  pool: []                     # standby servers, by their names among databases
  router: { listen: "127.0.0.1:8080" }
  admin: { listen: "127.0.0.1:9090" }
  metrics: { interval: 10s }
  max_shards: 5
  policies:
    - name: hot
      each: shard
      when: cpu > 70% or memory > 85% or rows > 100 or connections > 60 or qps > 1000
      for: 1m
      then: split
      settle: 1m
`;

async function imported(file: unknown) {
  await using folder = await Folder.make({
    "config.json": typeof file === "string" ? file : JSON.stringify(file),
  });
  const { code, stdout, stderr } = await runProgram(["shards", "import", folder.file("config.json")]);
  return {
    code,
    stdout,
    stderr: folder.relative(stderr).trimEnd().split("\n").filter((line) => line !== ""),
  };
}

Deno.test("shards import prints the configuration that a file meant, and no password", async () => {
  const { code, stdout, stderr } = await imported(FILE);
  assertEquals([code, stdout], [0, YAML]);
  assertEquals(stderr, [
    "config.json: warning: left out: shards[0].password: passwords stand in the credentials file",
  ]);
  await using folder = await Folder.make({ "query-sniper.yaml": stdout });
  const valid = await runProgram(["validate-config", folder.file("query-sniper.yaml")]);
  assertEquals(valid.code, 0, valid.stderr);
});

Deno.test("shards import names all that is wrong, and all keys that it does not know, with what may be meant", async () => {
  const { code, stdout, stderr } = await imported({
    ...FILE,
    shards: [{ host: "a b", port: 0, password: "hush-hush" }, { host: "db1" }, { name: "x", host: "db1" }, 7],
    table_shard_keys: { users: "user id" },
    thresholds: { cpu_percent: 170, cpu: 1, entires: 3 },
    max_shards: 1,
    coordinator_port: 8080,
    check_interval: "soon",
    virtual_nodes: 150,
  });
  assertEquals([code, stdout], [2, ""]);
  assertEquals(stderr, [
    'config.json: warning: left out: thresholds.entires: unknown key (did you mean "entries"?)',
    "config.json: warning: left out: virtual_nodes: unknown key",
    "config.json: warning: left out: shards[0].password: passwords stand in the credentials file",
    "config.json: thresholds.cpu_percent: expected a number above 0, 100 at most: 170",
    'config.json: table_shard_keys.users: expected the name of a table and that of a column: "user id"',
    'config.json: shards[0].host: expected a host: "a b"',
    "config.json: shards[0].port: expected a port, 1 to 65535: 0",
    "config.json: shards[3]: expected a shard with a host and a port",
    'config.json: shards: two shards have one address: "db1:3306"',
    'config.json: check_interval: expected seconds, or a duration such as 30s: "soon"',
    "config.json: max_shards is less than the shards that are named: 1 and 3",
    "config.json: the router and the coordinator have one port: 8080",
  ]);
});

Deno.test("shards import reads other spellings, and refuses what is no such file", async () => {
  const other = {
    mysql: { user: "app", password: "hush-hush", database: "shop" },
    shards: { one: { address: "db1:3307" }, two: { hostname: "db2" } },
    tables: { users: "user_id" },
    scaling: { CpuThreshold: 0.5, maxShards: 3, cooldown: "2m" },
    router: { port: ":8080" },
    coordinator: { port: 9090 },
  };
  const { original, findings } = readOriginal(JSON.stringify(other));
  assertEquals(findings, {
    wrong: [],
    left: ["mysql.password: passwords stand in the credentials file"],
  });
  assertEquals(yamlOf(original!).includes("when: cpu > 0.5%\n"), true);
  assertEquals(original!.shards, [{ name: "one", host: "db1", port: 3307 }, {
    name: "two",
    host: "db2",
    port: 3306,
  }]);
  assertEquals([original!.maxShards, original!.settle, original!.routerPort, original!.adminPort], [
    3,
    120_000,
    8080,
    9090,
  ]);
  assertEquals((await imported("{")).stderr, ["config.json: the file is not JSON"]);
  assertEquals((await imported([])).stderr, ["config.json: the file is no JSON object"]);
  const { code, stderr } = await runProgram(["shards", "import", "/nowhere.json"]);
  assertEquals([code, stderr.includes("/nowhere.json: cannot read the file")], [2, true]);
});

Deno.test("whatever a file says, it is read or refused, and no password is told", () => {
  const part = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.string(),
      fc.integer(),
      fc.constant("hush-hush"),
      tie("object"),
    ),
    object: fc.dictionary(
      fc.constantFrom(
        "shards",
        "tables",
        "thresholds",
        "cpu",
        "port",
        "host",
        "user",
        "password",
        "x",
        "router",
      ),
      fc.oneof(tie("value"), fc.array(tie("value"), { maxLength: 2 })),
    ),
  })).object;
  fc.assert(fc.property(part, (file) => {
    const { original, findings } = readOriginal(JSON.stringify(file));
    if (original === undefined) assertEquals(findings.wrong.length > 0, true);
    else yamlOf(original);
  }));
  const { findings } = readOriginal(JSON.stringify({ shards: [["hush-hush"]], password: "hush-hush" }));
  assertEquals(JSON.stringify(findings).includes("hush-hush"), false);
});
