import { assertEquals } from "@std/assert";
import {
  areStamped,
  isFresh,
  partsAhead,
  partStatesOf,
  type PeerPart,
  peerPartsOf,
  unfedParts,
} from "../../../src/proxysql/agent/feeding.ts";
import type { Part } from "../../../src/proxysql/statement.ts";

const row = (name: string, version: string, more: object = {}) => ({
  name,
  version,
  checksum: "0x1",
  ...more,
});

Deno.test("of the parts only those are read that exist, and only of cores that answer", () => {
  const rows = [
    row("mysql_users", "1"),
    row("mysql_users", "0"),
    row("toString", "1"),
    row("mysql_servers_v2", "2"),
  ];
  assertEquals(partStatesOf(rows), [{ part: "mysql_users", version: 1n, checksum: "0x1" }]);
  const of = (hostname: string) =>
    row("mysql_users", "18446744073709551615", { hostname, port: "6032", diff_check: "4" });
  assertEquals(peerPartsOf([of("A"), of("b"), of("c")], new Set(["a:6032", "c:6033"])), [
    { part: "mysql_users", version: 18446744073709551615n, checksum: "0x1", peer: "a:6032", differs: 4n },
  ]);
});

const at = (peer: string, part: Part, version: bigint, differs: bigint): PeerPart => ({
  ...{ peer, part, version, differs, checksum: "0x2" },
});

Deno.test("nobody feeds a part that all have at version 1 while it differs more and more", () => {
  const grows = (...parts: readonly PeerPart[]) =>
    unfedParts(
      parts,
      parts.map((part) => ({ ...part, differs: part.differs - (part.differs > 0n ? 1n : 0n) })),
    );
  const users = at("a", "mysql_users", 1n, 7n);
  assertEquals(grows(users), ["mysql_users"]);
  assertEquals(unfedParts([users], [users]), []);
  assertEquals(unfedParts([users], []), []);
  assertEquals(unfedParts([], [users]), []);
  assertEquals(grows(users, at("b", "mysql_users", 2n, 7n)), []);
  assertEquals(grows(users, at("a", "admin_variables", 3n, 0n)), ["mysql_users"]);
  // Variables alone may differ on purpose; where nothing was stamped at all they are told of.
  assertEquals(grows(at("a", "mysql_users", 2n, 0n), at("a", "mysql_variables", 1n, 9n)), []);
  assertEquals(grows(at("a", "mysql_users", 1n, 0n), at("a", "mysql_variables", 1n, 9n)), [
    "mysql_variables",
  ]);
});

Deno.test("a core is fresh until its servers, users or rules are stamped, and others are ahead in what differs", () => {
  const state = (part: Part, version: bigint, checksum = "0x1") => ({ part, version, checksum });
  assertEquals(isFresh([]), false);
  assertEquals(isFresh([state("mysql_users", 1n), state("admin_variables", 2n)]), true);
  assertEquals(isFresh([state("mysql_users", 1n), state("mysql_servers", 2n)]), false);
  assertEquals(areStamped([at("a", "admin_variables", 2n, 0n), at("a", "mysql_users", 1n, 0n)]), false);
  assertEquals(areStamped([at("a", "mysql_query_rules", 2n, 0n)]), true);
  const others = [at("a", "mysql_users", 2n, 0n), at("b", "mysql_servers", 1n, 0n)];
  assertEquals(partsAhead([state("mysql_users", 1n), state("mysql_servers", 1n)], others), ["mysql_users"]);
  assertEquals(partsAhead([state("mysql_users", 1n, "0x2")], others), []);
});
