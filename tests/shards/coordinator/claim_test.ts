import { assert, assertEquals } from "@std/assert";
import type { ShardingConfig } from "../../../src/config/mod.ts";
import { ChangeError, isShardName } from "../../../src/shards/coordinator/change.ts";
import { chooseServer } from "../../../src/shards/coordinator/claim.ts";
import { databaseOf, type Group, groupWith, type Member } from "../../../src/shards/members/member.ts";

const SHARDING = { shards: ["a", "b"], pool: ["p", "q"] } as unknown as ShardingConfig;
const MAKING = { ...SHARDING, provision: { kind: "http" } } as unknown as ShardingConfig;
const DATABASES = ["a", "b", "p", "q", "other"];

function member(shard: string, state: Member["state"], source: Member["source"] = "pool"): Member {
  return { shard, state, source, claimed: 0 };
}

/** What is chosen where all own slots but those that are `idle`. */
function chosen(
  sharding: ShardingConfig,
  members: readonly Member[],
  { name, idle = [] }: { readonly name?: string; readonly idle?: readonly string[] } = {},
) {
  try {
    const owners = [...sharding.shards, ...members.map(({ shard }) => shard)].filter((shard) =>
      !idle.includes(shard)
    );
    const { shard, source } = chooseServer({ sharding, databases: DATABASES, members, owners }, name);
    return `${shard} ${source}`;
  } catch (error) {
    assert(error instanceof ChangeError, String(error));
    return `${error.code}: ${error.message}`;
  }
}

Deno.test("the first standby that is free is chosen, then a server that is made; nobody is chosen twice", () => {
  const rows: readonly (readonly [ShardingConfig, readonly Member[], string])[] = [
    [SHARDING, [], "p pool"],
    [SHARDING, [member("p", "claimed")], "q pool"],
    [SHARDING, [member("p", "failed")], "q pool"],
    [SHARDING, [member("p", "serving"), member("q", "drained")], "q pool"],
    [
      SHARDING,
      [member("p", "serving"), member("q", "failed")],
      "refused: no standby of the pool is free: 2 are named, 1 of them failed",
    ],
    [{ ...SHARDING, pool: [] }, [], "refused: there is no server for a new shard"],
    [MAKING, [], "p pool"],
    [MAKING, [member("p", "ready"), member("q", "serving")], "shard-6 http"],
    [
      MAKING,
      [member("p", "ready"), member("q", "serving"), member("shard-6", "released", "http")],
      "shard-7 http",
    ],
  ];
  for (const [sharding, members, expected] of rows) assertEquals(chosen(sharding, members), expected);
});

Deno.test("a server that is asked for by name is that one, or none", () => {
  const rows: readonly (readonly [name: string, ShardingConfig, readonly Member[], string])[] = [
    ["q", SHARDING, [], "q pool"],
    ["q", SHARDING, [member("q", "failed")], "q pool"],
    ["q", SHARDING, [member("q", "claimed")], 'conflict: this is a shard already: "q"'],
    ["a", SHARDING, [], 'conflict: this is a shard already: "a"'],
    ["a", SHARDING, [member("a", "drained", "configured")], "a configured"],
    [
      "other",
      SHARDING,
      [],
      'refused: this database is no standby: "other"',
    ],
    ["other", MAKING, [], 'refused: this database is no standby: "other"'],
    ["new", SHARDING, [], 'refused: no standby has this name: "new"'],
    ["new", MAKING, [], "new http"],
    ["new", MAKING, [member("new", "released", "http")], "new http"],
    ["A", MAKING, [], 'refused: another shard has this name in other letters: "a"'],
    [
      "New",
      MAKING,
      [member("new", "released", "http")],
      'refused: another shard has this name in other letters: "new"',
    ],
    ["new'; --", MAKING, [], `refused: this is no name of a shard: "new'; --"`],
  ];
  for (const [name, sharding, members, expected] of rows) {
    assertEquals(chosen(sharding, members, { name }), expected);
  }
});

Deno.test("a server of the group that owns no slot comes before all others, also by its name", () => {
  const made = [member("p", "serving"), member("shard-6", "ready", "http")];
  const idle = ["shard-6"];
  assertEquals(chosen(MAKING, made, { idle }), "shard-6 http");
  assertEquals(chosen(SHARDING, made, { idle: ["p", "shard-6"] }), "p pool");
  assertEquals(chosen(MAKING, made, { idle, name: "shard-6" }), "shard-6 http");
  assertEquals(chosen(MAKING, made, { idle, name: "p" }), 'conflict: this is a shard already: "p"');
  assertEquals(chosen(MAKING, made, { idle, name: "q" }), "q pool");
  const others = (["claimed", "failed"] as const).map((state) => member("p", state));
  for (const other of others) assertEquals(chosen(SHARDING, [other], { idle: ["p"] }), "q pool");
});

Deno.test("names of shards have nothing that means something elsewhere", () => {
  for (const name of ["a", "shard-1", "db_1.example", "A".repeat(64)]) assert(isShardName(name), name);
  for (const name of ["", "-a", "a-", ".", "..", "a/b", "a b", "a'b", "a\nb", "ä", "A".repeat(65)]) {
    assert(!isShardName(name), name);
  }
});

Deno.test("a group has the servers that serve, with the account of the first shard where they are not configured", () => {
  const database = (name: string) => ({
    name,
    address: { host: name, port: 1 },
    account: { user: `u-${name}` },
  });
  const group = { sharding: SHARDING, databases: DATABASES.map(database) } as unknown as Group;
  const made: Member = { ...member("made", "serving", "http"), address: { host: "db9", port: 3307 } };
  const members = [made, member("p", "ready"), member("q", "claimed"), member("gone", "serving")];
  const { sharding, databases } = groupWith(members, group);
  assertEquals(sharding.shards, ["a", "b", "made", "p"]);
  assertEquals(databases.length, DATABASES.length + 1);
  assertEquals(databases.at(-1) as unknown, {
    name: "made",
    address: { host: "db9", port: 3307 },
    account: { user: "u-a" },
  });
  // What is configured under the name comes first.
  assertEquals(databaseOf({ ...made, shard: "other" }, group)?.account.user, "u-other");
  assertEquals(databaseOf({ shard: "nobody" }, group), undefined);
});
