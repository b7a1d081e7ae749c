// The agent of a ProxySQL whose admin interface is stopped for hours. Time passes as the test says; that no answer comes
// takes real milliseconds.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { assert, assertEquals } from "@std/assert";
import { ProxysqlService, type ServedConfig } from "../../../src/app/proxysql/mod.ts";
import { EventStream, type PublicEvent } from "../../../src/events/mod.ts";
import { load, required } from "../../config/folder.ts";
import { StageClock } from "../../http/stage_clock.ts";
import { ProxysqlStandIn } from "../../lab/proxysql/stand_in.ts";
import { waitFor } from "../../lab/wait_for.ts";

const INTERVAL = 60_000;

/** An agent, and the events that it has told. */
async function started(proxy: ProxysqlStandIn, folder: string, timeout: number) {
  const clock = new StageClock();
  const config = await load({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}", interval: 1m }\n`,
    "credentials.yaml": "proxysql: { user: radmin, password: radmin }\n",
  }, required());
  const events: PublicEvent[] = [];
  const stream = new EventStream({ clock, sql: "digest" });
  stream.subscribe({
    capacity: 1000,
    receive: (told) => Promise.resolve(void events.push(...told.map(({ event }) => event))),
  });
  const acts = `${folder}/acts.jsonl`;
  const served: ServedConfig = { ...config, proxysql: { ...config.proxies[0]!, timeout, acts } };
  const service = await ProxysqlService.start(served, {
    ...{ version: "1", clock, stream, isDryRun: false },
    environment: () => undefined,
    warn: () => {},
    fail: () => {},
  });
  /** Lets so many intervals pass, each with its look. */
  const pass = async (intervals: number) => {
    for (let count = 0; count < intervals; count++) {
      await waitFor("the end of a look", () => Promise.resolve(clock.sleeping > 0));
      await clock.pass(INTERVAL);
    }
    await waitFor("the end of a look", () => Promise.resolve(clock.sleeping > 0));
  };
  return { service, events, pass, clock };
}

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** What is in use, without what nobody needs any more; in bytes. */
function heapInUse(): number {
  for (let time = 0; time < 3; time++) collect();
  return Deno.memoryUsage().heapUsed;
}

/** A ProxySQL that is ready once it answers. */
async function healthy(): Promise<ProxysqlStandIn> {
  const proxy = await ProxysqlStandIn.start();
  proxy.add("stats_mysql_connection_pool", {
    ...{ hostgroup: 1, srv_host: "10.0.0.1", srv_port: 3306, status: "ONLINE", ConnUsed: 0, ConnFree: 0 },
    ...{ ConnERR: 0, Queries: 0, Latency_us: 0 },
  });
  return proxy;
}

Deno.test("however long an admin interface was stopped, the very next look finds it ready: there is no other wait", async () => {
  await using proxy = await healthy();
  const folder = await Deno.makeTempDir();
  const { service, events, pass, clock } = await started(proxy, folder, 2000);
  while (!(await service.state()).ready) await pass(1);
  proxy.behaviour.frozen = true;
  // The last of these was in vain just before it goes on: there is no worse moment.
  await pass(3);
  const { looks } = service.counts;
  proxy.behaviour.frozen = false;
  await clock.pass(INTERVAL - 1);
  assertEquals([service.counts.looks - looks, (await service.state()).ready], [0, false]);
  await clock.pass(1);
  await waitFor("the end of the look", () => Promise.resolve(clock.sleeping > 0));
  assertEquals([service.counts.looks - looks, (await service.state()).ready], [1, true]);
  const told = events.map(({ event }) => event).filter((event) => event.startsWith("proxysql-"));
  assertEquals(told, ["proxysql-connected", "proxysql-wedged", "proxysql-connected"]);
  await service.stop("done");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an admin interface that is stopped for hours is told once, takes nothing, and is back within one interval", async () => {
  await using proxy = await healthy();
  const folder = await Deno.makeTempDir();
  const { service, events, pass } = await started(proxy, folder, 60);
  // What only the first connection needs may take longer than its deadline.
  while (!(await service.state()).ready) await pass(1);
  events.length = 0;
  proxy.behaviour.frozen = true;
  // What is made once, as compiled code, is made by then.
  await pass(40);
  const before = { heap: heapInUse(), connections: proxy.connections };
  await pass(100);
  const state = await service.state();
  assertEquals([state.live, state.ready, state.started, state.state], [false, false, true, "wedged"]);
  // Each look was an attempt to connect, which left nothing.
  assertEquals(proxy.connections - before.connections, 100);
  // A connection that is kept, with its buffers, would be twice as much in each look.
  const grown = (heapInUse() - before.heap) / 1024 / 100;
  assert(grown < 5, `the heap grew by ${grown} KiB in each look`);
  const told = events.map(({ event }) => event).filter((event) => event.startsWith("proxysql-"));
  assertEquals(told, ["proxysql-wedged"]);
  proxy.behaviour.frozen = false;
  await pass(1);
  // On a busy machine an answer may take longer than this short deadline.
  for (let more = 0; more < 2 && !(await service.state()).live; more++) await pass(1);
  assertEquals([(await service.state()).live, (await service.state()).ready], [true, true]);
  assertEquals(events.filter(({ event }) => event === "proxysql-connected").length, 1);
  await service.stop("done");
  await Deno.remove(folder, { recursive: true });
});
