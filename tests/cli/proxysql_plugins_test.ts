// Plugins of query-sniper proxysql digests; with QUERY_SNIPER_BIN, of the program that was compiled.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Folder } from "../config/folder.ts";
import { runProgram } from "../program.ts";
import type { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { started, STATS_ONLY } from "./proxysql.ts";

const OWNER = `export const columns = { owner: "text" };
  export const dumpColumns = ({ schema }) => ({ owner: schema + "-team" });`;

interface Plugin {
  readonly source?: string;
  readonly more?: string;
}

/** Dumps one digest with these plugins, to standard output. */
async function dump(proxy: ProxysqlStandIn, plugins: readonly Plugin[]) {
  const files = plugins.flatMap(({ source }, index): [string, string][] =>
    source === undefined ? [] : [[`plugins/p${index}.js`, source]]
  );
  const written = plugins.map(({ more = "" }, index) => `{ file: plugins/p${index}.js${more} }`);
  await using folder = await Folder.make({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}", plugins: [ ${written.join(", ")} ] }\n`,
    "credentials.yaml": STATS_ONLY,
    ...Object.fromEntries(files),
  });
  const result = await runProgram(["proxysql", "digests"], { cwd: folder.path });
  return { ...result, stderr: folder.relative(result.stderr) };
}

async function withDigest(): Promise<ProxysqlStandIn> {
  const proxy = await started();
  const now = Math.floor(Date.now() / 1000);
  proxy.addDigest({
    digest: "0x01",
    digest_text: "SELECT ?",
    count_star: 5,
    first_seen: now,
    last_seen: now,
  });
  return proxy;
}

Deno.test("proxysql digests has the columns of plugins, and says nothing of those that work", async () => {
  await using proxy = await withDigest();
  const { code, stdout, stderr } = await dump(proxy, [{ source: OWNER }]);
  assertEquals(code, 0);
  const [row, manifest] = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals([row.owner, row.count, manifest.without_plugins], ["shop-team", 5, 0]);
  assertEquals(stderr.trim().split("\n").length, 1);
});

Deno.test("proxysql digests goes on without plugins that fail, which it names with the reason", async () => {
  await using proxy = await withDigest();
  const { code, stdout, stderr } = await dump(
    proxy,
    [
      { source: OWNER },
      { source: "for (;;) {}", more: ", timeout: 200ms" },
      { source: "Deno.exit(7);" },
      {},
      { source: 'export const columns = { team: "text" }; export function dumpColumns() { for (;;) {} }' },
      { source: "import fs from 'node:fs'; export const health = () => [];" },
    ],
  );
  assertEquals(code, 0, stderr);
  const [row, manifest] = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals([row.owner, row.team, row.count, manifest.without_plugins], ["shop-team", null, 5, 1]);
  const reasons = stderr.trim().split("\n").filter((line) => line.startsWith("query-sniper: plugin"))
    .toSorted();
  const expected = [
    /"p1" failed: there is no answer within 200 ms$/,
    /"p2" failed: ReferenceError: 'Deno' is not defined$/,
    /"p3" failed: its file cannot be read: it does not exist$/,
    /"p4" failed: there is no answer within 2000 ms$/,
    /"p5" failed: ReferenceError: could not load module 'node:fs'$/,
  ];
  assertEquals(reasons.length, expected.length, stderr);
  expected.forEach((pattern, index) => assertMatch(reasons[index]!, pattern));
});

Deno.test("a plugin makes the requests that it may, and a configuration that allows more is refused", async () => {
  await using proxy = await withDigest();
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response("from outside"),
  );
  const place = `127.0.0.1:${server.addr.port}`;
  const source = `export const columns = { owner: "text" };
    export const dumpColumns = async () => ({ owner: await (await fetch("http://${place}/")).text() });`;
  const allowed = await dump(proxy, [{ source, more: `, permissions: { net: [ "${place}" ] }` }]);
  assertEquals([allowed.code, JSON.parse(allowed.stdout.split("\n")[0]!).owner], [0, "from outside"]);
  const refused = await dump(proxy, [{ source, more: ", permissions: { env: true, run: [ id ], nett: x }" }]);
  assertEquals([refused.code, refused.stdout], [2, ""]);
  const told = (name: string) =>
    `proxysql.plugins[0].permissions.${name}: no plugin has this permission, only "net" can be given: "${name}"\n`;
  for (const name of ["env", "run"]) assert(refused.stderr.includes(told(name)), refused.stderr);
  assert(refused.stderr.includes('(did you mean "net"?)'), refused.stderr);
});
