import { assert, assertEquals } from "@std/assert";
import { Client, type LabCluster, type LabServer, requireFlavors, startShards } from "../lab/mod.ts";
import { runProgram } from "../program.ts";
import { groupConfig, initGroup, prepareShard, SCHEMA, writeGroup } from "../shards/stage.ts";

const ROOT_ACCOUNT = { user: "root", password: "root" } as const;

/** What `shards check` says, line by line, and with what it ends. */
async function check(
  servers: readonly LabServer[],
  edit = (text: string) => text,
): Promise<{ lines: readonly string[]; code: number }> {
  await using config = await writeGroup(edit(groupConfig(servers)), ROOT_ACCOUNT);
  const { code, stdout, stderr } = await runProgram(["shards", "check", "-c", config.file]);
  assertEquals(stderr, "");
  return { lines: stdout.trim().split("\n"), code };
}

/** What to change on the second shard, what is said then, what helps, and what changes it back. */
const WRONGS: readonly (readonly [change: string, said: string, help: string, back: string])[] = [
  [
    "DROP TABLE countries",
    'there is no table "countries" in "shop"',
    "create it as it is on the other shards",
    "CREATE TABLE countries (code CHAR(2) NOT NULL PRIMARY KEY, label VARCHAR(20)) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci",
  ],
  [
    "ALTER TABLE users ENGINE = MyISAM",
    '"users" has no transactions: its engine is MyISAM',
    "ALTER TABLE users ENGINE = InnoDB",
    "ALTER TABLE users ENGINE = InnoDB",
  ],
  [
    "ALTER TABLE users DROP PRIMARY KEY",
    '"users" has no primary key',
    "ALTER TABLE users ADD PRIMARY KEY (user_id, …)",
    "ALTER TABLE users ADD PRIMARY KEY (user_id)",
  ],
  [
    "ALTER TABLE users ADD UNIQUE by_name (name)",
    '"users" has a unique index without its shard key, so that a value may be on two shards: "by_name" (name)',
    "ALTER TABLE users DROP INDEX by_name, ADD UNIQUE by_name (user_id, name)",
    "ALTER TABLE users DROP INDEX by_name",
  ],
  [
    "ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (id)",
    '"orders" has a unique index without its shard key, so that a value may be on two shards: "PRIMARY" (id)',
    "ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (customer_id, id)",
    "ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (customer_id, id)",
  ],
  [
    "ALTER TABLE products MODIFY sku VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL",
    '"products.sku" cannot be a shard key: its collation is utf8mb4_general_ci: texts that are equal by it would be on several shards; one that ends with _bin is needed',
    "ALTER TABLE products MODIFY sku varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL",
    "ALTER TABLE products MODIFY sku VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL",
  ],
  [
    "ALTER TABLE users MODIFY user_id DECIMAL(10) NOT NULL",
    '"users.user_id" cannot be a shard key: its type is decimal(10,0): whole numbers and texts are supported',
    "choose another key",
    "ALTER TABLE users MODIFY user_id INT UNSIGNED NOT NULL",
  ],
  [
    "ALTER TABLE orders MODIFY customer_id VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL",
    '"orders.customer_id" and the key of "users", with which it is divided alike, are of different kinds: text ascii_bin and integer ',
    "give both the same type and collation, or leave out with: users",
    "ALTER TABLE orders MODIFY customer_id INT UNSIGNED NOT NULL",
  ],
  [
    "CREATE TRIGGER count_them BEFORE INSERT ON users FOR EACH ROW SET NEW.age = 1",
    '"users" has a trigger, which may write what the router does not know of: "count_them"',
    "DROP TRIGGER count_them",
    "DROP TRIGGER count_them",
  ],
  [
    "ALTER TABLE orders ADD CONSTRAINT of_user FOREIGN KEY (customer_id) REFERENCES users (user_id) ON DELETE CASCADE",
    '"orders" has a foreign key "of_user" that changes rows by itself: ON UPDATE ',
    "ALTER TABLE orders DROP FOREIGN KEY of_user",
    "ALTER TABLE orders DROP FOREIGN KEY of_user",
  ],
  [
    "ALTER TABLE products ADD COLUMN owner INT UNSIGNED, ADD CONSTRAINT of_owner FOREIGN KEY (owner) REFERENCES users (user_id)",
    '"products" has a foreign key "of_owner" to rows that may be on another shard: "users"',
    "ALTER TABLE products DROP FOREIGN KEY of_owner",
    "ALTER TABLE products DROP FOREIGN KEY of_owner, DROP COLUMN owner",
  ],
  [
    "ALTER TABLE users ADD COLUMN boss INT UNSIGNED, ADD CONSTRAINT of_boss FOREIGN KEY (boss) REFERENCES users (user_id)",
    '"users" has a foreign key "of_boss" to rows that may be on another shard: "users"',
    "ALTER TABLE users DROP FOREIGN KEY of_boss",
    "ALTER TABLE users DROP FOREIGN KEY of_boss, DROP COLUMN boss",
  ],
  [
    "ALTER TABLE orders ADD CONSTRAINT of_namesake FOREIGN KEY (customer_id) REFERENCES elsewhere.users (user_id)",
    '"orders" has a foreign key "of_namesake" to rows that may be on another shard: "elsewhere.users"',
    "ALTER TABLE orders DROP FOREIGN KEY of_namesake",
    "ALTER TABLE orders DROP FOREIGN KEY of_namesake",
  ],
  [
    "CREATE TABLE letters (id INT PRIMARY KEY, reader INT UNSIGNED, CONSTRAINT of_reader FOREIGN KEY (reader) REFERENCES users (user_id))",
    '"letters", which is not in sharding.tables, has a foreign key "of_reader" to rows that move: "users"',
    'name "letters" in sharding.tables, or ALTER TABLE letters DROP FOREIGN KEY of_reader',
    "DROP TABLE letters",
  ],
  [
    "ALTER TABLE products ADD UNIQUE begins (sku(3))",
    '"products" has a unique index without its shard key, so that a value may be on two shards: "begins" (sku(3))',
    "ALTER TABLE products DROP INDEX begins, ADD UNIQUE begins (sku)",
    "ALTER TABLE products DROP INDEX begins",
  ],
  [
    "ALTER TABLE users ADD COLUMN more INT",
    '"users" differs from that of the first shard: ',
    "compare SHOW CREATE TABLE users on both",
    "ALTER TABLE users DROP COLUMN more",
  ],
  [
    "SET GLOBAL read_only = 1",
    "the server is read-only",
    "name its primary, or SET GLOBAL read_only = OFF",
    "SET GLOBAL read_only = 0",
  ],
  [
    "INSERT INTO users (user_id) VALUES (5), (6), (7), (8), (9), (10), (11), (12), (13)",
    '"users" has rows of slots that this shard does not own: no statement finds them by their key, and all count them',
    "move them to the shard that owns their slots, or delete them where they are there already",
    "DELETE FROM users",
  ],
  [
    "UPDATE qs_shard SET epoch = 9",
    "its epoch is 9, and in the map 1",
    "find out who changed one of them by hand: until they agree, its statements are refused",
    "UPDATE qs_shard SET epoch = 1",
  ],
  [
    "DELETE FROM qs_slots WHERE slot = 1000",
    "it owns other slots than the map says: 511, and in the map 512",
    "find out who changed one of them by hand: until they agree, its statements are refused",
    "INSERT INTO qs_slots VALUES (1000, 'owned')",
  ],
];

async function wrongs({ servers }: LabCluster): Promise<void> {
  await using root = await Client.connect(servers[1]!, undefined, { database: SCHEMA });
  await root.query("CREATE DATABASE elsewhere");
  await root.query("CREATE TABLE elsewhere.users (user_id INT UNSIGNED NOT NULL PRIMARY KEY)");
  for (const [change, said, help, back] of WRONGS) {
    await root.query(change);
    const { lines, code } = await check(servers);
    const at = lines.findIndex((line) => line.startsWith(`shard-2: ${said}`));
    assert(at >= 0, `${change}:\n${lines.join("\n")}`);
    // A message can be longer in one flavor than in the other; what helps follows it.
    assertEquals([lines[at + 1], lines.at(-1), code], [
      `  ${help}`,
      "the shards are not one group yet: change what is named above",
      1,
    ]);
    assertEquals(
      lines.some((line) => line.startsWith("shard-1: ") && line !== "shard-1: ok"),
      false,
      lines.join("\n"),
    );
    await root.query(back);
  }
  await root.query("DROP DATABASE elsewhere");
  const { lines, code } = await check(servers);
  assertEquals([lines, code], [["shard-1: ok", "shard-2: ok", "map: ok", "the shards are one group"], 0]);
}

async function before({ servers }: LabCluster): Promise<void> {
  const { lines, code } = await check(servers);
  assertEquals(code, 1);
  assert(
    lines.some((line) => line.startsWith("map: the map cannot be read from shard-1: ")),
    lines.join("\n"),
  );
  await using dry = await writeGroup(
    groupConfig(servers).replace("mode: enforce", "mode: dry-run"),
    ROOT_ACCOUNT,
  );
  const printed = await runProgram(["shards", "init", "-c", dry.file, "--format", "json"]);
  assertEquals(printed.code, 0);
  assertEquals(printed.stdout.trim().split("\n").map((line) => JSON.parse(line).database), [
    "shard-1",
    "shard-2",
    "shard-1",
  ]);
  await using root = await Client.connect(servers[0]!, undefined, { database: SCHEMA });
  assertEquals(await root.query("SHOW TABLES LIKE 'qs%'"), []);
  // Rows that would be on the wrong shard keep slots from being given away.
  await root.query("INSERT INTO users (user_id) VALUES (1), (2), (3), (4)");
  await using armed = await writeGroup(groupConfig(servers), ROOT_ACCOUNT);
  const refused = await runProgram(["shards", "init", "-c", armed.file]);
  assertEquals(refused.code, 1);
  assertEquals(
    refused.stderr,
    "query-sniper: shard-1: it has rows of slots that it would not get, in users: begin with this shard alone, or move them\n",
  );
  assertEquals(await root.query("SHOW TABLES LIKE 'qs%'"), []);
  await root.query("DELETE FROM users");
}

for (const flavor of await requireFlavors()) {
  Deno.test(`shards check and init on ${flavor}`, async (t) => {
    await using group = await startShards(flavor, 2);
    await Promise.all(group.servers.map(prepareShard));
    await t.step(
      "init writes nothing in a dry run, and nothing where rows are elsewhere",
      () => before(group),
    );
    await t.step("init may be run again where it did not come to its end", async () => {
      await using root = await Client.connect(group.servers[0]!, undefined, { database: SCHEMA });
      await initGroup(group.servers);
      await root.query("DROP TABLE qs_map");
      await initGroup(group.servers);
    });
    await t.step("each thing that is wrong is named, with what helps", () => wrongs(group));
    await t.step("a shard that is down is named", async () => {
      await group.servers[1]!.stop();
      const { lines, code } = await check(group.servers);
      assert(lines.some((line) => line.startsWith("shard-2: it cannot be used: ")), lines.join("\n"));
      assertEquals(code, 1);
    });
  });
}
