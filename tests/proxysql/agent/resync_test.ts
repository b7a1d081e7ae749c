import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import type { DesiredPeer } from "../../../src/proxysql/agent/mod.ts";
import { Hand } from "../../../src/proxysql/agent/hand.ts";
import { resync, resyncStatements } from "../../../src/proxysql/agent/resync.ts";
import { AdminError } from "../../../src/proxysql/mod.ts";
import { peerRowsOf } from "../../../src/proxysql/agent/peer.ts";
import { STATEMENTS } from "../../../src/proxysql/statement.ts";
import { ProxyState } from "../../lab/proxysql/proxy_state.ts";
import { LocalAdmin, TestClock } from "./fixture.ts";

const core = fc.record({
  hostname: fc.constantFrom("a", "b", "c", "core.svc"),
  port: fc.constantFrom(6032, 6033),
});
const cores = fc.uniqueArray(core, { maxLength: 8, selector: ({ hostname, port }) => `${hostname} ${port}` });

/** The list in a table. */
function listOf({ tables }: ProxyState, table: string): readonly string[] {
  return tables.prepare(`SELECT hostname, port FROM ${table}`).all().map(({ hostname, port }) =>
    `${hostname}:${port}`
  )
    .toSorted();
}

const named = (list: readonly { readonly hostname: string; readonly port: number }[]) =>
  list.map(({ hostname, port }) => `${hostname}:${port}`);

/** A resync of a ProxySQL that runs one list, while another one is edited. */
async function resynced(
  { edited, running, file, peers, stopAt = Infinity }: {
    readonly edited: readonly { readonly hostname: string; readonly port: number }[];
    readonly running: readonly { readonly hostname: string; readonly port: number }[];
    readonly file: readonly { readonly hostname: string; readonly port: number }[];
    readonly peers: readonly DesiredPeer[];
    readonly stopAt?: number;
  },
) {
  const proxy = new ProxyState({ configFile: { proxysql_servers: file } });
  for (const row of edited) proxy.add("proxysql_servers", row);
  for (const row of running) proxy.add("runtime_proxysql_servers", row);
  const admin = new LocalAdmin(proxy);
  const allowed = new Set(resyncStatements(peerRowsOf(await admin.rows(STATEMENTS.listedPeers())), peers));
  let asked = 0;
  admin.travel = () =>
    ++asked === stopAt ? Promise.reject(new AdminError("lost", "killed")) : Promise.resolve();
  const hand = new Hand({ admin, clock: new TestClock(), leader: undefined, leaderOnly: false });
  const again = () =>
    hand.do(
      { what: "resync", statements: [...allowed] },
      async (send) => String(await resync({ admin, send, peers })),
    );
  const act = await again();
  for (const statement of act.statements) assert(allowed.has(statement as never), statement);
  return { proxy, act, again, asked: () => asked };
}

Deno.test("a resync ends with what the file and the peers have, or changes nothing: property", async () => {
  await fc.assert(
    fc.asyncProperty(cores, cores, cores, cores, async (edited, running, file, there) => {
      const peers = there.map(({ hostname: host, port }) => ({ host, port }));
      const { proxy, act } = await resynced({ edited, running, file, peers });
      if (file.length === 0) {
        assertEquals([act.outcome, listOf(proxy, "proxysql_servers")], ["refused", named(edited).toSorted()]);
        assertEquals(listOf(proxy, "runtime_proxysql_servers"), named(running).toSorted());
      } else {
        const expected = [...new Set([...named(file), ...named(there)])].toSorted();
        assertEquals([act.outcome, act.reason], ["done", String(expected.length)]);
        assertEquals(listOf(proxy, "runtime_proxysql_servers"), expected);
      }
      proxy.tables.close();
    }),
    { numRuns: 80 },
  );
});

Deno.test("a resync that is stopped at any statement changes nothing that runs, and the next one completes it", async () => {
  const [edited, file] = [[{ hostname: "a", port: 6032 }, { hostname: "b", port: 6032 }], [{
    hostname: "b",
    port: 6032,
  }]];
  const peers = [{ host: "c", port: 6032 }];
  const whole = await resynced({ edited, running: edited, file, peers });
  const count = whole.asked();
  whole.proxy.tables.close();
  assert(count > 8);
  for (let stopAt = 1; stopAt <= count; stopAt++) {
    const { proxy, act, again } = await resynced({ edited, running: edited, file, peers, stopAt });
    assert(act.outcome !== "done", String(stopAt));
    assertEquals(listOf(proxy, "runtime_proxysql_servers"), ["a:6032", "b:6032"]);
    assertEquals((await again()).outcome, "done");
    assertEquals(listOf(proxy, "runtime_proxysql_servers"), ["b:6032", "c:6032"]);
    proxy.tables.close();
  }
});

Deno.test("a list that somebody else empties meanwhile is not put into force, and where rows have no numbers all stay", async () => {
  const proxy = new ProxyState({ configFile: { proxysql_servers: [{ hostname: "b", port: 6032 }] } });
  proxy.add("proxysql_servers", { hostname: "a", port: 6032 });
  const admin = new LocalAdmin(proxy);
  const send = (statement: Parameters<LocalAdmin["run"]>[0]) => admin.run(statement);
  admin.travel = (statement) => {
    if (/^DELETE/.test(statement)) proxy.tables.exec("DELETE FROM proxysql_servers");
    return Promise.resolve();
  };
  await assertRejects(() => resync({ admin, send, peers: [] }), Error, "somebody else changes the list");
  assert(!proxy.statements.includes(STATEMENTS.runPeers()));
  admin.travel = () => Promise.resolve();
  proxy.add("proxysql_servers", { hostname: "a", port: 6032 });
  admin.rowsIfKnown = () => Promise.resolve(undefined);
  assertEquals(await resync({ admin, send, peers: [] }), 2);
  assertEquals(listOf(proxy, "runtime_proxysql_servers"), ["a:6032", "b:6032"]);
  proxy.tables.close();
});
