import { assertEquals } from "@std/assert";
import type { Row } from "../../src/connection/mod.ts";
import { clientList, longClientList } from "../../src/proxysql/client_list.ts";

/** A session as ProxySQL 2.7.2 shows it, without extended_info. */
const ROW: Row = {
  ...{ id: "17", user: "app", db: "shop", cli_host: "10.1.1.1", cli_port: "4000", hostgroup: "10" },
  ...{ l_srv_host: "127.0.0.1", l_srv_port: "45792", srv_host: "127.0.0.1", srv_port: "3306" },
  ...{ command: "Query", time_ms: "1200", info: "SELECT 4711", extended_info: null },
};

function backend(given: object = {}, hostgroup = 10): object {
  return {
    hostgroup_id: hostgroup,
    conn: { mysql: { host: "127.0.0.1", port: 3306, thread_id: 7, user: "app", ...given } },
  };
}

function extended(...backends: readonly object[]): Row {
  return { ...ROW, extended_info: JSON.stringify({ active_transactions: 0, backends }) };
}

/** Its connections, each as SERVER #ID LOCAL HOSTGROUP. */
function connectionsOf(...rows: readonly Row[]): readonly string[] {
  return clientList(rows, []).connections.map(({ server, id, local, client }) =>
    `${server.host}:${server.port} #${id ?? "-"} ${local?.port ?? "-"} ${client?.hostgroup ?? "-"}`
  );
}

Deno.test("a session is a client's, and its statement is a secret", () => {
  const { clients, connections } = clientList([ROW], []);
  const client = clients.get(17)!;
  assertEquals(client.statement?.reveal(), "SELECT 4711");
  assertEquals({ ...client, statement: undefined }, {
    ...{ session: 17, user: "app", host: "10.1.1.1", port: 4000, schema: "shop", hostgroup: 10 },
    ...{ running: true, time: 1200, statement: undefined },
  });
  assertEquals(JSON.stringify(connections).includes("4711"), false);
});

Deno.test("connections are those that extended_info tells, else the one of now", () => {
  assertEquals(connectionsOf(ROW), ["127.0.0.1:3306 #- 45792 10"]);
  assertEquals(connectionsOf(extended(backend())), ["127.0.0.1:3306 #7 45792 10"]);
  // A reader too: what the session runs is on the one of now, and the other one rests.
  assertEquals(connectionsOf(extended(backend(), backend({ host: "10.0.0.2", thread_id: 9 }, 20))), [
    "127.0.0.1:3306 #7 45792 10",
    "10.0.0.2:3306 #9 - 20",
  ]);
  // Without the server's name it is that of now, if there is one connection.
  assertEquals(connectionsOf(extended(backend({ host: "" }))), ["127.0.0.1:3306 #7 45792 10"]);
  assertEquals(connectionsOf(extended(backend({ host: "" }), backend({ host: "", thread_id: 9 }))), []);
});

Deno.test("what holds no connection, or tells nothing that can be read, has none", () => {
  const none = { ...ROW, srv_host: null, srv_port: null, l_srv_host: null, l_srv_port: null };
  assertEquals(connectionsOf(none), []);
  assertEquals(clientList([none], []).clients.size, 1);
  for (const extended_info of ["", "{", "[]", "7", '{"backends":{}}', '{"backends":[null,{"conn":7}]}']) {
    assertEquals(connectionsOf({ ...ROW, extended_info }), ["127.0.0.1:3306 #- 45792 10"], extended_info);
  }
  assertEquals(connectionsOf(extended(backend({ thread_id: "7" }))), ["127.0.0.1:3306 #7 45792 10"]);
  for (const thread_id of [0, -1, 1.5, "x", "", null, 2 ** 60]) {
    assertEquals(connectionsOf(extended(backend({ thread_id }))), ["127.0.0.1:3306 #- 45792 10"]);
  }
  assertEquals(clientList([{ ...ROW, id: null }], []).clients.size, 0);
});

Deno.test("all connections are told only where each row says which they are, with the server's ids", () => {
  const none = { ...ROW, srv_host: null, srv_port: null, l_srv_host: null, l_srv_port: null };
  const resting = { ...none, extended_info: '{"client":{"userinfo":{}}}' };
  const free = { srv_host: "db", srv_port: "3306", user: "app", mysql_info: '{"thread_id":7}' };
  const tellsAll = (rows: readonly Row[], others: readonly Row[] = []) => clientList(rows, others).tellsAll;
  assertEquals(tellsAll([]), true);
  assertEquals(tellsAll([extended(backend()), resting], [free]), true);
  // It has had a connection to another hostgroup.
  assertEquals(tellsAll([extended(backend(), { hostgroup_id: 20 })]), true);
  assertEquals(tellsAll([extended(backend({ host: "" }))]), true);
  const doubtful: readonly Row[] = [
    ROW,
    none,
    { ...none, extended_info: "" },
    { ...none, extended_info: '{"client":' },
    { ...none, extended_info: '{"thread_id":7,"backends":{}}' },
    { ...ROW, extended_info: "{}" },
    { ...resting, id: null },
    extended(backend({ host: "" }), backend({ host: "", thread_id: 9 })),
    extended(backend(), backend({ thread_id: 0 }, 20)),
  ];
  for (const row of doubtful) {
    assertEquals(tellsAll([row, extended(backend())]), false, JSON.stringify(row));
  }
  for (const mysql_info of [null, "", "{}", '{"thread_id":"x"}']) {
    assertEquals(tellsAll([resting], [{ ...free, mysql_info }]), false);
  }
});

Deno.test("a free connection is nobody's, and says nothing without the server's id", () => {
  const free = (mysql_info: string | null) =>
    clientList([], [{ srv_host: "127.0.0.1", srv_port: "3306", user: "app", mysql_info }]).connections;
  assertEquals(free('{"thread_id":7,"host":"127.0.0.1"}'), [
    { server: { host: "127.0.0.1", port: 3306 }, id: 7, local: undefined, user: "app", client: undefined },
  ]);
  assertEquals(free('{"mysql":{"thread_id":8}}').map(({ id }) => id), [8]);
  for (const info of [null, "", "{", "{}", '{"thread_id":"x"}']) assertEquals(free(info), []);
});

Deno.test("a long list is read in parts, and is the same", async () => {
  const rows = Array.from({ length: 450 }, (_, index) => ({ ...ROW, id: String(index) }));
  const free = [{ srv_host: "db", srv_port: "3306", user: "app", mysql_info: '{"thread_id":7}' }];
  let pauses = 0;
  const long = await longClientList(rows, free, () => {
    pauses++;
    return Promise.resolve();
  });
  const short = clientList(rows, free);
  assertEquals([pauses, long.clients.size, long.connections.length], [2, 450, 451]);
  const parted = [...Array(300).fill(extended(backend())), ROW, ...Array(300).fill(extended(backend()))];
  assertEquals((await longClientList(parted, free, () => Promise.resolve())).tellsAll, false);
  assertEquals([...long.clients.keys()], [...short.clients.keys()]);
});
