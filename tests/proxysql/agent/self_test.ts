import { assertEquals } from "@std/assert";
import { isOwnBy, selfOf } from "../../../src/proxysql/agent/self.ts";

const LOOPBACK = { host: "127.0.0.1", port: 6032 };

Deno.test("a ProxySQL's own row is known by its name, its addresses, and where it listens", () => {
  const environment: Readonly<Record<string, string>> = {
    ...{ POD_NAME: "core-0", HOSTNAME: "core-0", POD_IP: "10.1.2.3", POD_IPS: "10.1.2.3,fd00::3" },
  };
  const self = selfOf((name) => environment[name]);
  assertEquals(self, { names: ["core-0"], addresses: ["10.1.2.3", "fd00::3"] });
  assertEquals(selfOf(() => ""), { names: [], addresses: [] });
  const isOwn = isOwnBy({ self, address: LOOPBACK, interfaces: "0.0.0.0:6032;/tmp/proxysql_admin.sock" });
  for (
    const [host, port, comment, expected] of [
      ["10.1.2.3", 6032, "", true],
      ["fd00::3", 6032, "", true],
      ["FD00::3", 6032, "", true],
      ["10.1.2.3", 6099, "", false],
      // The pod had another address before.
      ["10.1.2.4", 6032, "core-0", false],
      ["elsewhere.svc", 6032, "core-0", true],
      ["elsewhere.svc", 6032, "core-00", false],
      ["core-0", 6032, "", true],
      ["Core-0.proxysql-core.ns.svc.cluster.local", 6032, "", true],
      ["core-1.proxysql-core.ns.svc.cluster.local", 6032, "", false],
      ["127.0.0.1", 6032, "", true],
      ["0.0.0.0", 6032, "", false],
      ["", 6032, "", false],
    ] as const
  ) assertEquals(isOwn({ host, port, comment }), expected, `${host} ${port} ${comment}`);
});

Deno.test("where its addresses are not known, the comment tells which row is its own", () => {
  const isOwn = isOwnBy({ self: { names: ["core-0"], addresses: [] }, address: LOOPBACK, interfaces: "" });
  assertEquals(isOwn({ host: "10.1.2.4", port: 6032, comment: "core-0" }), true);
  assertEquals(isOwn({ host: "10.1.2.4", port: 6032, comment: "core-1" }), false);
});

Deno.test("several on one machine are told apart by their ports", () => {
  const isOwn = isOwnBy({ self: undefined, address: LOOPBACK, interfaces: "127.0.0.1:6032;[::1]:7032" });
  const own = [["127.0.0.1", 6032], ["::1", 7032], ["127.0.0.1", 6042], ["10.0.0.1", 6032], [
    "127.0.0.2",
    6032,
  ]] as const;
  assertEquals(own.map(([host, port]) => isOwn({ host, port })), [true, true, false, false, false]);
});

Deno.test("where the port is not known, the host alone tells, and where nothing is known, nobody is it", () => {
  const socket = { socket: "/tmp/proxysql_admin.sock" };
  const self = { names: [], addresses: ["10.1.2.3"] };
  assertEquals(
    isOwnBy({ self, address: socket, interfaces: "/tmp/proxysql_admin.sock" })({ host: "10.1.2.3", port: 1 }),
    true,
  );
  assertEquals(
    isOwnBy({ self: undefined, address: socket, interfaces: "" })({ host: "10.1.2.3", port: 1, comment: "" }),
    false,
  );
});
