import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import type { ProxysqlConfig } from "../../src/config/mod.ts";
import { FrontProxy } from "../../src/proxysql/front_proxy.ts";
import { ProxyRefusal, TargetError } from "../../src/target/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { ADMIN, ProxysqlStandIn, STATS } from "../lab/proxysql/stand_in.ts";

/** Time that goes on as told; what waits, waits really. */
class ToldTime {
  #now = 0;
  now = () => this.#now;
  wall = () => systemClock.wall();
  sleep = (milliseconds: number, signal?: AbortSignal) => systemClock.sleep(milliseconds, signal);
  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

interface Stage extends AsyncDisposable {
  readonly proxy: ProxysqlStandIn;
  readonly front: FrontProxy;
  readonly clock: ToldTime;
}

async function stage(
  { accounts = [ADMIN, STATS], patience = 100 }: {
    readonly accounts?: readonly ({ readonly user: string; readonly password: string } | undefined)[];
    readonly patience?: number;
  } = {},
): Promise<Stage> {
  const proxy = await ProxysqlStandIn.start();
  const clock = new ToldTime();
  const [admin, stats] = accounts.map((account) =>
    account && { user: account.user, password: new Secret(account.password) }
  );
  const config = {
    ...{ name: "edge", address: { host: "127.0.0.1", port: proxy.port }, tls: { mode: "disabled" } },
    ...{ timeout: 500, ...admin && { admin }, ...stats && { stats } },
  } as unknown as ProxysqlConfig;
  const front = new FrontProxy(config, { clock, patience });
  return {
    proxy,
    front,
    clock,
    async [Symbol.asyncDispose]() {
      await front[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

function readingsOf({ proxy }: Stage): number {
  return proxy.statements.filter((sql) => sql.endsWith("FROM stats_mysql_processlist")).length;
}

Deno.test("a proxy is read once a second, whoever asks how often", async () => {
  await using on = await stage({ patience: 2000 });
  const { front, proxy, clock } = on;
  const session = proxy.addSession({ srv_host: "127.0.0.1", srv_port: 3306 });
  const all = await Promise.all(Array.from({ length: 5 }, () => front.read()));
  for (const found of all) assertEquals("at" in found && [...found.clients.keys()], [session]);
  assertEquals(readingsOf(on), 1);
  clock.pass(900);
  await front.read();
  assertEquals(readingsOf(on), 1);
  clock.pass(200);
  await front.read();
  assertEquals([readingsOf(on), proxy.connections], [2, 1]);
});

Deno.test("a proxy that hangs is waited for once, and is known again when it answers", async () => {
  await using on = await stage();
  const { front, proxy, clock } = on;
  proxy.behaviour.silent = true;
  const timed = async () => {
    const begun = performance.now();
    const found = await front.read();
    return ["silent" in found ? found.silent : "read", performance.now() - begun] as const;
  };
  const [first, took] = await timed();
  assertEquals([first, took < 450], ["it has not answered yet", true], `${took}`);
  const [second, none] = await timed();
  assertEquals([second, none < 50], ["it has not answered yet", true], `${none}`);
  while ((await timed())[0] === "it has not answered yet") await systemClock.sleep(20);
  clock.pass(1000);
  const [third, still] = await timed();
  assertEquals([third, still < 50], ["ProxySQL does not answer in time", true], `${still}`);
  proxy.behaviour.silent = false;
  for (let round = 0; (await timed())[0] !== "read"; round++) {
    assert(round < 100, "it is not read");
    clock.pass(1000);
    await systemClock.sleep(20);
  }
});

Deno.test("a slow proxy delays nobody, and its answer is good until it is silent for two seconds", async () => {
  await using on = await stage({ patience: 10 });
  const { front, proxy, clock } = on;
  proxy.behaviour.slow = 30;
  assertEquals("silent" in await front.read(), true);
  let found = await front.read();
  for (let round = 0; "silent" in found; round++) {
    assert(round < 100, "it is not read");
    await systemClock.sleep(10);
    found = await front.read();
  }
  proxy.behaviour.frozen = true;
  // A look after a long interval asks anew, and goes by what it has meanwhile.
  clock.pass(10_000);
  assertEquals("at" in await front.read(), true);
  clock.pass(1900);
  assertEquals("at" in await front.read(), true);
  clock.pass(200);
  assertEquals("silent" in await front.read(), true);
});

/** Ends a session, and tells what there was of it just before. */
function ended(front: FrontProxy, id: number): Promise<readonly [seen: boolean, was: boolean]> {
  return front.session(id, async ({ clients }, end) => [clients.has(id), await end()]);
}

Deno.test("a session is ended by the administrator, if there is one", async () => {
  await using on = await stage();
  const session = on.proxy.addSession();
  assertEquals([await ended(on.front, session), await ended(on.front, session)], [[true, true], [
    false,
    false,
  ]]);
  assertEquals(on.front.cannotEnd, undefined);

  await using reading = await stage({ accounts: [undefined, STATS] });
  assertEquals(reading.front.cannotEnd?.includes("no administrator"), true);
  await assertRejects(() => ended(reading.front, session), ProxyRefusal);
  await using wrong = await stage({ accounts: [STATS, STATS] });
  await assertRejects(() => ended(wrong.front, session), ProxyRefusal, "syntax error");
  await using none = await stage({ accounts: [{ ...ADMIN, password: "other" }] });
  await assertRejects(() => ended(none.front, session), TargetError, "Access denied");
});

Deno.test("what is ended is what was seen just before, also where others ask meanwhile", async () => {
  await using on = await stage();
  on.proxy.behaviour.slow = 5;
  const sessions = Array.from({ length: 5 }, () => on.proxy.addSession());
  const found = await Promise.all(sessions.map((session) => ended(on.front, session)));
  assertEquals(found, sessions.map(() => [true, true]));
  const asked = on.proxy.statements.filter((sql) => /WHERE SessionID|KILL/.test(sql)).map((sql) =>
    /\d+$/.exec(sql)![0]
  );
  assertEquals(asked, sessions.flatMap((session) => [`${session}`, `${session}`]));
});

Deno.test("a proxy that was connected to anew is of another epoch, also where no reading has failed", async () => {
  await using on = await stage({ patience: 2000 });
  const epochs = new Set<number>();
  const read = async () => {
    const found = await on.front.read();
    if ("at" in found) epochs.add(found.epoch);
    on.clock.pass(1100);
    return "at" in found;
  };
  assertEquals([await read(), await read(), epochs.size], [true, true, 1]);
  await on.proxy.crash();
  await on.proxy.listen();
  await systemClock.sleep(200);
  for (let round = 0; !await read(); round++) assert(round < 100, "it is not read");
  assertEquals(epochs.size, 2);
});

Deno.test("a session that was seen over another connection is not ended: its id may be of somebody else", async () => {
  await using on = await stage();
  const { proxy } = on;
  const session = proxy.addSession();
  const ending = on.front.session(session, async ({ clients }, end) => {
    assertEquals(clients.has(session), true);
    await proxy.crash();
    await proxy.listen();
    await systemClock.sleep(200);
    return await end();
  });
  await assertRejects(() => ending, TargetError);
  assertEquals(proxy.sessionIds(), [session]);
  assertEquals(proxy.statements.some((sql) => sql.startsWith("KILL")), false);
});

Deno.test("where no answer comes, nobody knows whether a session was ended", async () => {
  await using on = await stage();
  const session = on.proxy.addSession();
  const ending = on.front.session(session, (_, end) => {
    on.proxy.behaviour.silent = true;
    return end();
  });
  const error = await assertRejects(() => ending, TargetError, "does not answer in time");
  assertEquals(error instanceof ProxyRefusal, false);
  // The next one fails too, and waits for nothing.
  await assertRejects(() => ended(on.front, session), TargetError);
});
