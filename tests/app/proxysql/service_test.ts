// The agent of a ProxySQL in this process: what goes wrong beside ProxySQL, reloads, and the end.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Keeper, type KeeperOptions } from "../../../src/app/proxysql/keeper.ts";
import { ProxysqlService, type ServedConfig } from "../../../src/app/proxysql/mod.ts";
import { Vitals } from "../../../src/app/proxysql/vitals.ts";
import { Works } from "../../../src/app/proxysql/works.ts";
import { systemClock as clock } from "../../../src/clock.ts";
import { EventStream, type PublicEvent } from "../../../src/events/mod.ts";
import { FileLock } from "../../../src/journal/mod.ts";
import { Folder, load, required } from "../../config/folder.ts";
import { ProxysqlStandIn } from "../../lab/proxysql/stand_in.ts";
import { waitFor } from "../../lab/wait_for.ts";
import { accountOf, recordOf, STATS } from "../../proxysql/fixture.ts";

async function configOf(proxy: ProxysqlStandIn, folder: Folder): Promise<ServedConfig> {
  const config = await load({
    "query-sniper.yaml": `proxysql: { address: "${proxy.address}", interval: 1s, drain: { delay: 0s } }\n`,
    "credentials.yaml": "proxysql: { user: radmin, password: radmin }\n",
  }, required());
  const proxysql = config.proxies[0]!;
  const drain = { ...proxysql.drain, file: folder.file("draining"), delay: 0, timeout: 0 };
  return { ...config, proxysql: { ...proxysql, acts: folder.file("acts.jsonl"), drain, drainsAtEnd: true } };
}

async function serve(config: ServedConfig) {
  const events: PublicEvent[] = [];
  const stream = new EventStream({ clock, sql: "digest" });
  stream.subscribe({
    capacity: 1000,
    receive: (told) => Promise.resolve(void events.push(...told.map(({ event }) => event))),
  });
  const service = await ProxysqlService.start(config, {
    ...{ version: "1", clock, stream, isDryRun: false },
    ...{ environment: () => undefined, warn: () => {}, fail: () => {} },
  });
  await waitFor("an answer", async () => (await service.state()).started);
  return { service, events };
}

/** A keeper alone, and what it said that it failed for. */
async function keep(
  proxy: ProxysqlStandIn,
  folder: Folder,
  { parts = {}, vitals: given }: { parts?: KeeperOptions["parts"]; vitals?: typeof Vitals } = {},
) {
  const config = await configOf(proxy, folder);
  const vitals = new (given ?? Vitals)(config.proxysql, clock);
  const counts = { looks: 0, errors: 0, closed_sessions: 0 };
  const failures: string[] = [];
  const keeper = new Keeper({
    ...{ config, clock, parts, vitals, counts, record: recordOf(), isDryRun: false, goesOnDraining: false },
    works: new Works({ clock, newId: () => crypto.randomUUID() }),
    ...{ environment: () => undefined, tell: () => {}, failed: (reason) => void failures.push(reason) },
  });
  keeper.begin();
  return { keeper, vitals, counts, failures };
}

const leader = { every: 1000, leading: { state: "leads" as const }, leads: () => true };

Deno.test("a mistake in a look is counted and told by probes, and the next look is made", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using folder = await Folder.make({});
  let isBroken = true;
  class Broken extends Vitals {
    override answered(found: Parameters<Vitals["answered"]>[0]): void {
      if (isBroken) throw new TypeError("this is no statement");
      super.answered(found);
    }
  }
  const { keeper, vitals, counts } = await keep(proxy, folder, { vitals: Broken });
  await waitFor("an error", () => Promise.resolve(counts.errors > 0));
  assertEquals((await vitals.health("ready")).reasons, ["this is no statement"]);
  assertEquals((await vitals.health("live")).ok, true);
  isBroken = false;
  const { looks } = counts;
  await waitFor("another look", () => Promise.resolve(counts.looks > looks + 1));
  assert(!(await vitals.health("ready")).reasons.includes("this is no statement"));
  await keeper.end();
});

Deno.test("a loop that ends by a mistake is told, so that the program ends with a reason", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using folder = await Folder.make({});
  const broken = {
    ...leader,
    renew: () => Promise.reject(new TypeError("no lease")),
    release: () => Promise.resolve(),
  };
  const { keeper, failures } = await keep(proxy, folder, { parts: { leader: broken } });
  await waitFor("a failure", () => Promise.resolve(failures.length > 0));
  assertEquals(failures, ["no lease"]);
  await keeper.end();
});

Deno.test("a plugin that does not answer keeps no answer of ProxySQL from counting", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using folder = await Folder.make({});
  const answer = Promise.withResolvers<readonly string[]>();
  const plugins = { health: () => answer.promise, [Symbol.asyncDispose]: () => Promise.resolve() };
  const parts = { plugins: plugins as unknown as NonNullable<KeeperOptions["parts"]["plugins"]> };
  const { keeper, vitals } = await keep(proxy, folder, { parts });
  await waitFor("an answer", async () => (await vitals.health("live")).ok);
  // What a plugin would say is not known yet.
  assertEquals((await vitals.health("ready")).ok, false);
  answer.resolve(["plugin: not today"]);
  await waitFor(
    "its reason",
    async () => (await vitals.health("ready")).reasons.includes("plugin: not today"),
  );
  await keeper.end();
});

Deno.test("looks go on while a plugin is at something else, and what it said before counts meanwhile", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using folder = await Folder.make({});
  let asked = 0;
  const later = Promise.withResolvers<readonly string[]>();
  const plugins = {
    health: () => ++asked === 1 ? Promise.resolve(["plugin: not today"]) : later.promise,
    [Symbol.asyncDispose]: () => Promise.resolve(later.resolve(["plugin: too late"])),
  };
  const parts = { plugins: plugins as unknown as NonNullable<KeeperOptions["parts"]["plugins"]> };
  const { keeper, vitals, counts } = await keep(proxy, folder, { parts });
  await waitFor("the second question", () => Promise.resolve(asked === 2));
  const { looks } = counts;
  await waitFor("more looks", () => Promise.resolve(counts.looks >= looks + 2));
  assertEquals([asked, counts.errors], [2, 0]);
  const said = async () => (await vitals.health("ready")).reasons.filter((each) => each.startsWith("plugin"));
  assertEquals(await said(), ["plugin: not today"]);
  // It ends while the plugin still is at it, and what comes then is of no interest.
  await keeper.end();
  assertEquals(await said(), ["plugin: not today"]);
});

Deno.test("a drain that another program has undone is over", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using folder = await Folder.make({});
  const config = await configOf(proxy, folder);
  const { service } = await serve(config);
  const begun = await service.ask("drain");
  assert(begun.kind === "begun");
  assertEquals((await begun.ended).state, "done");
  assertEquals((await service.state()).draining, true);
  await Deno.remove(config.proxysql.drain.file);
  assertEquals((await service.state()).draining, false);
  await service.stop("done");
});

Deno.test("a reload that fails is no reload, changes nothing, and the next one is done", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using folder = await Folder.make({});
  const config = await configOf(proxy, folder);
  const { service, events } = await serve(config);
  const wrong = {
    ...config.proxysql,
    role: "core" as const,
    leader: { kind: "database" as const, database: "nowhere", lock: "lock" },
  };
  const error = await assertRejects(() => service.reload({ ...config, proxysql: wrong }), Error);
  assertStringIncludes(error.message, "no account for the database");
  assertEquals(service.config, config);
  const reloaded = () => events.filter((event) => event.event === "config" && event.state === "reloaded");
  const next = { ...config, proxysql: { ...config.proxysql, interval: 2000 } };
  await service.reload(next);
  assertEquals(service.config, next);
  await waitFor("the event", () => Promise.resolve(reloaded().length > 0));
  assertEquals(reloaded().length, 1);
  await service.stop("done");
});

Deno.test("who is told to end in the middle of a reload drains all the same", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using folder = await Folder.make({});
  const config = await configOf(proxy, folder);
  const { service } = await serve(config);
  const reload = service.reload({ ...config, proxysql: { ...config.proxysql, interval: 2000 } });
  for (let turn = 0; turn < 10_000 && service.summary !== "read anew"; turn++) await Promise.resolve();
  assertEquals(service.summary, "read anew");
  await service.drainAtEnd(new AbortController().signal);
  assert(proxy.statements.includes("PROXYSQL PAUSE"), proxy.statements.join("\n"));
  await reload;
  await service.stop("done");
});

Deno.test("a reload that waits when the program is told to end is not begun any more", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using folder = await Folder.make({});
  const config = await configOf(proxy, folder);
  const { service } = await serve(config);
  const end = service.drainAtEnd(new AbortController().signal);
  await service.reload({ ...config, proxysql: { ...config.proxysql, interval: 2000 } });
  await end;
  assertEquals(service.config, config);
  await service.stop("done");
});

Deno.test("after a shutdown a ProxySQL that is started anew is ready again", async () => {
  await using proxy = await ProxysqlStandIn.start();
  proxy.add("stats_mysql_connection_pool", {
    ...{ hostgroup: 1, srv_host: "10.0.0.1", srv_port: 3306, status: "ONLINE", ConnUsed: 0, ConnFree: 0 },
    ...{ ConnERR: 0, Queries: 0, Latency_us: 0 },
  });
  await using folder = await Folder.make({});
  const config = await configOf(proxy, folder);
  const { service, events } = await serve(config);
  await waitFor("it to be ready", async () => (await service.state()).ready);
  const begun = await service.ask("shutdown");
  assert(begun.kind === "begun");
  assertEquals([(await begun.ended).state, proxy.isUp], ["done", false]);
  assertEquals((await service.state()).draining, true);
  const { looks } = service.counts;
  await waitFor("a look in vain", () => Promise.resolve(service.counts.looks > looks + 1));
  // It was shut down from here, and is expected not to answer.
  assertEquals(events.filter(({ event }) => event === "proxysql-unreachable"), []);
  proxy.restart();
  await proxy.listen();
  await waitFor("it to be ready again", async () => (await service.state()).ready);
  const drains = events.flatMap((event) => event.event === "proxysql-drain" ? [event.state] : []);
  assertEquals(drains, ["began", "paused", "done", "resumed"]);
  await service.stop("done");
});

Deno.test("a drain that is called off while it waits for another program leaves it as ready as before", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using folder = await Folder.make({});
  const config = await configOf(proxy, folder);
  const patient = { ...config.proxysql, drain: { ...config.proxysql.drain, timeout: 60_000 } };
  const { service, events } = await serve({ ...config, proxysql: patient });
  const other = await FileLock.ask(`${patient.drain.file}.lock`);
  assert(await other.isHeldWithin(1000));
  const drain = await service.ask("drain");
  const waits = (event: PublicEvent) => event.event === "proxysql-drain" && event.state === "waiting";
  await waitFor("its turn", () => Promise.resolve(events.some(waits)));
  const resume = await service.ask("resume");
  assert(drain.kind === "begun" && resume.kind === "begun");
  assertEquals((await drain.ended).reason, "called off");
  // The other program still has the turn.
  assertEquals([(await resume.ended).state, (await service.state()).draining], ["failed", false]);
  other[Symbol.dispose]();
  await service.stop("done");
});

Deno.test("at the end of a program that has shut ProxySQL down nothing is drained, and nothing is wrong", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using folder = await Folder.make({});
  const { service, events } = await serve(await configOf(proxy, folder));
  const begun = await service.ask("shutdown");
  assert(begun.kind === "begun");
  await begun.ended;
  await service.drainAtEnd(new AbortController().signal);
  await service.stop("done");
  const told = events.flatMap((event) => event.event.startsWith("proxysql-") ? [stateOf(event)] : []);
  assertEquals(told, ["proxysql-connected", "drain began", "drain paused", "drain done"]);
});

function stateOf(event: PublicEvent): string {
  return event.event === "proxysql-drain" ? `drain ${event.state}` : event.event;
}

Deno.test("while the program drains before its end a resume is refused, and a shutdown goes on with the drain", async () => {
  await using proxy = await ProxysqlStandIn.start();
  const worker = proxy.addSession({ command: "Query" });
  await using folder = await Folder.make({});
  const config = await configOf(proxy, folder);
  const patient = { ...config.proxysql, drain: { ...config.proxysql.drain, timeout: 60_000 } };
  const { service } = await serve({ ...config, proxysql: patient });
  const end = service.drainAtEnd(new AbortController().signal);
  await waitFor("its pause", () => Promise.resolve(proxy.paused));
  const resume = await service.ask("resume");
  assert(resume.kind === "refused");
  assertStringIncludes(resume.reason, "was told to end, and drains ProxySQL before that");
  const shutdown = await service.ask("shutdown");
  assert(shutdown.kind === "begun");
  proxy.endSession(worker);
  await end;
  assertEquals([(await shutdown.ended).state, proxy.isUp], ["done", false]);
  await service.stop("done");
});

Deno.test("a shutdown waits for an agent that starts or reads its configuration anew; others are told so", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using folder = await Folder.make({});
  const config = await configOf(proxy, folder);
  const { service } = await serve(config);
  const reload = service.reload({ ...config, proxysql: { ...config.proxysql, interval: 2000 } });
  for (let turn = 0; turn < 10_000 && service.summary !== "read anew"; turn++) await Promise.resolve();
  const drain = service.ask("drain");
  const shutdown = service.ask("shutdown");
  assertEquals(await drain, {
    kind: "refused",
    reason: "This program reads its configuration anew: ask again in a moment",
  });
  const begun = await shutdown;
  assert(begun.kind === "begun");
  assertEquals([(await begun.ended).state, proxy.isUp], ["done", false]);
  await reload;
  await service.stop("done");
});

Deno.test("an account that may read only, where more is needed, is told at the first answer, and is why it is not ready", async () => {
  await using proxy = await ProxysqlStandIn.start();
  await using folder = await Folder.make({});
  const config = await configOf(proxy, folder);
  const reader = { ...config.proxysql, admin: accountOf(STATS) };
  const { service, events } = await serve({ ...config, proxysql: reader });
  const reason = 'the user of "proxysql" in the credentials file may read statistics only: drain';
  await waitFor("the reason", async () => (await service.state()).reasons.includes(reason));
  const { looks } = service.counts;
  await waitFor("more looks", () => Promise.resolve(service.counts.looks > looks + 1));
  const told = events.flatMap((event) => event.event === "proxysql-account" ? [event.reason] : []);
  assertEquals([told, (await service.state()).live], [[reason], true]);
  await service.stop("done");

  // Whoever needs no more is well with it.
  const other = await serve({ ...config, proxysql: { ...reader, drainsAtEnd: false } });
  await waitFor("a look", () => Promise.resolve(other.service.counts.looks > 1));
  assertEquals((await other.service.state()).reasons.includes(reason), false);
  assertEquals(other.events.filter(({ event }) => event === "proxysql-account"), []);
  await other.service.stop("done");
});
