import { assertEquals } from "@std/assert";
import type { Channel, Server } from "../../src/mysql/mod.ts";
import { Sources } from "../../src/mysql/sources.ts";

function server(serverId: number, ...addresses: readonly string[]): Pick<Server, "capabilities"> {
  return { capabilities: { replication: { serverId, addresses } } } as unknown as Pick<
    Server,
    "capabilities"
  >;
}

function channel(source: Partial<Channel["source"]>): Channel {
  return { received: undefined, source: { uuid: "", serverId: 0, address: "", ...source } } as Channel;
}

function noted(sources: Sources, name: string, uuid: string, connected: Pick<Server, "capabilities">): void {
  const address = { name, interval: 1000, address: undefined };
  sources.note(address, connected, { identity: { server: uuid, started: 1 }, positions: undefined, at: 0 });
}

Deno.test("Sources know whom a channel follows by the server's own name, and ask for its positions from then on", () => {
  const sources = new Sources();
  noted(sources, "one", "uuid-1", server(1, "db1:3306"));
  noted(sources, "two", "uuid-2", server(2, "db2:3306"));
  assertEquals(sources.wanted("two"), undefined);
  assertEquals(sources.ringsOf(channel({ uuid: "uuid-2" }), undefined)?.fresh, 5000);
  assertEquals(sources.wanted("two"), { file: false });
  assertEquals(sources.wanted("one"), undefined);
});

Deno.test("Sources know a channel's by its address only where the id fits as well", () => {
  const sources = new Sources();
  noted(sources, "one", "uuid-1", server(1, "db:3306"));
  assertEquals(sources.ringsOf(channel({ address: "db:3306", serverId: 7 }), undefined), undefined);
  assertEquals(sources.ringsOf(channel({ address: "db:3306" }), undefined), undefined);
  assertEquals(sources.ringsOf(channel({ address: "db:3306", serverId: 1 }), undefined)?.fresh, 5000);
});

Deno.test("Sources follow a database to another server, and forget the one before", () => {
  const sources = new Sources();
  noted(sources, "one", "uuid-1", server(1, "db1:3306"));
  noted(sources, "one", "uuid-2", server(2, "db2:3306"));
  assertEquals(sources.ringsOf(channel({ uuid: "uuid-1" }), undefined), undefined);
  assertEquals(sources.ringsOf(channel({ address: "db1:3306", serverId: 1 }), undefined), undefined);
  assertEquals(sources.ringsOf(channel({ uuid: "uuid-2" }), undefined)?.fresh, 5000);
});

Deno.test("Sources that two entries lead to are nobody's, unless the user says which it is", () => {
  const sources = new Sources();
  noted(sources, "one", "uuid-1", server(1));
  noted(sources, "again", "uuid-1", server(1));
  assertEquals(sources.ringsOf(channel({ uuid: "uuid-1" }), undefined), undefined);
  assertEquals(sources.ringsOf(channel({ uuid: "uuid-1" }), "again")?.fresh, 5000);
});
