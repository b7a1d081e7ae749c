// The plugins in config/ and in the page do what they say, and their types are those of the program.

import { assertEquals } from "@std/assert";
import { type DumpRow } from "../../../src/proxysql/dump_column.ts";
import type { PluginStatus } from "../../../src/proxysql/plugins/mod.ts";
import type { Row, Status } from "../../../config/plugins/plugin.d.ts";
import { sample } from "../../pages.ts";
import { ROOT } from "../../program.ts";
import { row, Started, STATUS } from "./fixture.ts";

const example = (name: string) => Deno.readTextFile(`${ROOT}config/plugins/${name}.js`);

/** As it arrives: numbers of 64 bits are numbers. */
type Arrives<T> = T extends bigint ? number
  : T extends readonly (infer E)[] ? readonly Arrives<E>[]
  : T extends object ? { readonly [K in keyof T]: Arrives<T[K]> }
  : T;

// The compiler fails where one has what the other has not.
const _status: (status: Arrives<PluginStatus>) => Status = (status) => status;
const _sameStatus: (status: Status) => Arrives<PluginStatus> = (status) => status;
const _names: (name: keyof DumpRow) => keyof Row = (name) => name;
const _sameNames: (name: keyof Row) => keyof DumpRow = (name) => name;

const BACKEND = { used: 0n, free: 0n, errors: 0n, queries: 0n, latency_us: 0n };
const WELL: PluginStatus = {
  ...STATUS,
  status: {
    ...{ version: "2.7.2", uptime_s: 7, paused: false, peers: [], satellites: null, checksums: null },
    ...{ peer_checksums: [], sessions: [] },
    backends: [[10, "ONLINE"], [20, "ONLINE"], [20, "SHUNNED"]].map(([hostgroup, status], index) => ({
      ...{ hostgroup: Number(hostgroup), address: `10.0.0.${index}:3306`, status: String(status) },
      ...BACKEND,
    })),
  },
};

Deno.test("the example of a reason says which hostgroup lacks servers", async () => {
  await using started = await Started.of([{ source: await example("hostgroups") }]);
  assertEquals(await started.plugins.health(WELL), [
    "a: hostgroup 20 has 1 servers online, and needs 2",
  ]);
  assertEquals(await started.plugins.health(STATUS), []);
  assertEquals(started.told, ["a started"]);
});

Deno.test("the example of columns says whose a statement is, and whether it is slow", async () => {
  await using started = await Started.of([{ source: await example("owner") }]);
  const { plugins } = started;
  const rows = [
    row({ schema: "shop_eu", count: 2n, time_us: 300_000n }),
    row({ schema: "x", count: 3n, time_us: 300_000n }),
    row({ schema: "orders", time_us: null }),
  ];
  assertEquals((await plugins.dumpColumns(rows, plugins.columns)).rows, [
    { owner: "checkout", slow: true },
    { owner: null, slow: false },
    { owner: "checkout", slow: null },
  ]);
});

Deno.test("the example of a request sends the events that it names, and bears that nobody listens", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    resolve(await request.json());
    return new Response();
  });
  const place = `127.0.0.1:${server.addr.port}`;
  const source = await example("webhook");
  await using started = await Started.of([
    { source: source.replace("127.0.0.1:8081/hooks", `${place}/hooks`), net: [place] },
    { source, net: ["127.0.0.1:1"] },
  ]);
  const { plugins } = started;
  plugins.event({ event: "proxysql-connected", proxysql: "p", version: "2.7.2" });
  plugins.event({ event: "proxysql-drain", proxysql: "p", state: "began" });
  const { at: _at, ...event } = await promise as Readonly<Record<string, unknown>>;
  assertEquals(event, { event: "proxysql-drain", proxysql: "p", state: "began" });
  assertEquals(started.told, ["a started", "b started"]);
});

Deno.test("the plugin in the page works", async () => {
  await using started = await Started.of([{ source: sample("plugin"), net: ["10.0.0.9:443"] }]);
  const { plugins } = started;
  const paused = { ...WELL, status: { ...WELL.status!, paused: true } };
  assertEquals(await plugins.health(paused), ["a: somebody has paused it"]);
  assertEquals((await plugins.dumpColumns([row({ schema: "shop_eu" })], plugins.columns)).rows, [
    { owner: "shop", slow: false },
  ]);
  plugins.event({ event: "proxysql-connected", proxysql: "p", version: "2.7.2" });
  assertEquals(await plugins.health(WELL), []);
  assertEquals(started.told, ["a started"]);
});
