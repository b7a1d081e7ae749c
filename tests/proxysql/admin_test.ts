import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseError } from "../../src/connection/mod.ts";
import { Admin, AdminError } from "../../src/proxysql/mod.ts";
import { adminError } from "../../src/proxysql/admin_error.ts";
import { STATEMENTS } from "../../src/proxysql/statement.ts";
import { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { waitFor } from "../lab/wait_for.ts";
import { accountOf, adminOf, STATS, targetOf } from "./fixture.ts";

/** What fails. */
async function errorOf(work: Promise<unknown>): Promise<AdminError> {
  return await assertRejects(() => work, AdminError) as AdminError;
}

async function kindOf(work: Promise<unknown>): Promise<string> {
  return (await errorOf(work)).kind;
}

Deno.test("an admin interface is asked over one connection, also by somebody who may only read", async () => {
  await using proxy = await ProxysqlStandIn.start();
  const { admin, told } = adminOf(proxy);
  await using _admin = admin;
  assertEquals(await admin.rows(STATEMENTS.version()), [{ "@@version": "2.7.2-local" }]);
  const connections = proxy.connections;
  for (let time = 0; time < 5; time++) await admin.rows(STATEMENTS.globals());
  assertEquals([proxy.connections, admin.mayWrite, told], [connections, true, ["up"]]);
  const reader = adminOf(proxy, { account: accountOf(STATS) }).admin;
  await using _reader = reader;
  assertEquals(await reader.rows(STATEMENTS.users()), [{ users: "0" }]);
  assertEquals([reader.mayWrite, await reader.rowsIfKnown(STATEMENTS.checksums())], [false, undefined]);
});

Deno.test("errors are told apart by their texts, and a refused statement leaves the connection", async () => {
  await using proxy = await ProxysqlStandIn.start();
  const { admin } = adminOf(proxy);
  await using _admin = admin;
  assertEquals(await kindOf(admin.runAlone(STATEMENTS.resume())), "not-paused");
  await admin.runAlone(STATEMENTS.pause());
  assertEquals(await kindOf(admin.runAlone(STATEMENTS.pause())), "paused");
  assertEquals(await kindOf(admin.run(STATEMENTS.killConnection(7))), "no-session");
  const connections = proxy.connections;
  await admin.rows(STATEMENTS.version());
  assertEquals([admin.state, proxy.connections], ["up", connections]);
  const reader = adminOf(proxy, { account: accountOf(STATS) }).admin;
  await using _reader = reader;
  assertEquals(await kindOf(reader.run(STATEMENTS.purgeDigests())), "unknown");
  const stranger = adminOf(proxy, { account: accountOf({ user: "radmin", password: "hunter2" }) });
  const error = await errorOf(stranger.admin.rows(STATEMENTS.version()));
  assertEquals([error.kind, stranger.told.length], ["login", 1]);
  assert(!error.withAdvice.includes("hunter2"));
});

Deno.test("a port for clients and a plain server are refused before anything is asked of them", async () => {
  for (
    const [kind, what] of [["traffic", "ProxySQL's port for clients"], ["server", "a database"]] as const
  ) {
    await using proxy = await ProxysqlStandIn.start({ kind });
    const { admin } = adminOf(proxy);
    await using _admin = admin;
    const error = await errorOf(admin.rows(STATEMENTS.globals()));
    assertEquals([error.kind, error.message], ["foreign", `what answers is ${what}, no admin interface`]);
    assertEquals(proxy.statements, [STATEMENTS.identify()]);
  }
});

for (const way of ["silent", "frozen", "deaf"] as const) {
  Deno.test(`a ProxySQL that is ${way} is told of once, nothing piles up, and it is back at once`, async () => {
    await using proxy = await ProxysqlStandIn.start();
    // Enough for a busy machine while it answers, and little while it does not.
    let timeout = 2000;
    const { admin, clock, told } = adminOf(proxy, {
      get timeout() {
        return timeout;
      },
    });
    await using _admin = admin;
    await admin.rows(STATEMENTS.version());
    proxy.behaviour[way] = true;
    if (way === "deaf") {
      // Who is connected already is not heard of at a login.
      await proxy.crash();
      await assertRejects(() => admin.rows(STATEMENTS.version()), AdminError);
      await proxy.listen();
    }
    const kinds = new Map<string, number>();
    // An hour, asked twice a minute, by three at a time.
    for (let time = 0; time < 120; time++) {
      clock.time += time % 2 === 0 ? 50_000 : 10_000;
      const asked = [1, 2, 3].map(() => kindOf(admin.rows(STATEMENTS.globals())));
      timeout = 16;
      for (const kind of await Promise.all(asked)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      // Whoever was closed may be noticed a moment later.
      await waitFor("two connections at most", () => Promise.resolve(proxy.open <= 2));
    }
    assertEquals([...kinds.keys()].toSorted(), ["busy", "wedged"]);
    assertEquals(told.filter((each) => each.startsWith("wedged")), [
      "wedged: ProxySQL does not answer in time",
    ]);
    proxy.behaviour[way] = false;
    timeout = 2000;
    clock.time += 30_000;
    await admin.rows(STATEMENTS.globals());
    assertEquals(told.at(-1), "up");
    assert(proxy.connections < 300, `${proxy.connections} connections in an hour`);
  });
}

Deno.test("between two attempts to connect it waits longer and longer", async () => {
  await using proxy = await ProxysqlStandIn.start();
  const { admin, clock } = adminOf(proxy);
  await using _admin = admin;
  proxy.behaviour.frozen = false;
  await proxy.crash();
  const connects: number[] = [];
  let failure: AdminError | undefined;
  for (clock.time = 0; clock.time < 120_000; clock.time += 500) {
    const error = await errorOf(admin.rows(STATEMENTS.version()));
    if (error !== failure) connects.push(clock.time);
    failure = error;
    assertEquals(error.kind, "unreachable");
  }
  assertEquals(connects, [0, 1000, 3000, 7000, 15_000, 31_000, 61_000, 91_000]);
  await proxy.listen();
  clock.time += 30_000;
  await admin.rows(STATEMENTS.version());
});

Deno.test("whoever is asked right before a statement is sent may stop it, also after a connection was made for it", async () => {
  await using proxy = await ProxysqlStandIn.start();
  const { admin, told } = adminOf(proxy);
  await using _admin = admin;
  proxy.add("proxysql_servers", { hostname: "a", port: 6032 });
  let asked: readonly string[] | undefined;
  const stop = () => {
    asked = [...proxy.statements];
    throw new RangeError("not any more");
  };
  const drop = STATEMENTS.dropPeer({ host: "a", port: 6032 });
  await assertRejects(() => admin.run(drop, stop), RangeError, "not any more");
  assertEquals(asked, [STATEMENTS.identify(), STATEMENTS.rights()]);
  assert(!proxy.statements.includes(drop));
  const { connections } = proxy;
  assertEquals((await admin.run(drop, () => {})).affectedRows, 1);
  assertEquals([proxy.connections, told], [connections, ["up"]]);
});

Deno.test("an admin interface that was disposed of is never connected to, and what was being connected is closed", async () => {
  await using proxy = await ProxysqlStandIn.start();
  const { admin, told } = adminOf(proxy);
  proxy.behaviour.slow = 50;
  const asked = assertRejects(() => admin.rows(STATEMENTS.version()), AdminError);
  await waitFor("a statement", () => Promise.resolve(proxy.statements.length > 0));
  await admin[Symbol.asyncDispose]();
  assertEquals((await asked as AdminError).kind, "lost");
  await waitFor("no connection", () => Promise.resolve(proxy.open === 0));
  const { connections } = proxy;
  assertEquals(await kindOf(admin.rows(STATEMENTS.version())), "lost");
  assertEquals(await kindOf(admin.runAlone(STATEMENTS.pause())), "lost");
  assertEquals([proxy.connections, proxy.paused, told], [connections, false, []]);
});

Deno.test("who decides himself when to ask again waits for nothing between two attempts to connect", async () => {
  await using proxy = await ProxysqlStandIn.start();
  const clock = { now: () => 0 };
  await using admin = new Admin(targetOf(proxy), { clock, longestWait: 0 });
  await proxy.crash();
  for (let time = 0; time < 3; time++) {
    assertEquals(await kindOf(admin.rows(STATEMENTS.version())), "unreachable");
  }
  await proxy.listen();
  assertEquals((await admin.rows(STATEMENTS.version())).length, 1);
});

Deno.test("PAUSE and RESUME, which may be answered twice, have a connection of their own", async () => {
  await using proxy = await ProxysqlStandIn.start();
  Object.assign(proxy.behaviour, { twice: true, pauseMs: 500 });
  const { admin, told } = adminOf(proxy);
  await using _admin = admin;
  await admin.rows(STATEMENTS.version());
  for (const statement of [STATEMENTS.pause(), STATEMENTS.resume(), STATEMENTS.pause()]) {
    await admin.runAlone(statement);
    assertEquals(await admin.rows(STATEMENTS.version()), [{ "@@version": "2.7.2-local" }]);
  }
  assertEquals(await kindOf(admin.runAlone(STATEMENTS.pause())), "paused");
  assertEquals([proxy.paused, told], [true, ["up"]]);
});

Deno.test("rows are handed over one by one, and what fails on them leaves nothing behind", async () => {
  await using proxy = await ProxysqlStandIn.start();
  const { admin } = adminOf(proxy);
  await using _admin = admin;
  for (let id = 0; id < 700; id++) proxy.addDigest({ digest: `0x${id}` });
  let count = 0;
  await admin.each(STATEMENTS.digests(["digest"]), () => count++);
  assertEquals(count, 700);
  await assertRejects(
    () =>
      admin.each(STATEMENTS.digests(["digest"]), () => {
        throw new RangeError("enough");
      }),
    RangeError,
    "enough",
  );
  assertEquals((await admin.rows(STATEMENTS.version())).length, 1);
});

Deno.test("with a queue a few wait for their turn, one statement at a time, and a failure fails none of the others", async () => {
  await using proxy = await ProxysqlStandIn.start();
  const clock = { now: () => 0 };
  const admin = new Admin(targetOf(proxy), { clock, longestWait: 0, hasQueue: true });
  await using _admin = admin;
  await admin.rows(STATEMENTS.version());
  const asked = proxy.statements.length;
  const answers = await Promise.allSettled([
    admin.rows(STATEMENTS.version()),
    admin.run(STATEMENTS.killConnection(999)),
    admin.runAlone(STATEMENTS.pause()),
    ...Array.from({ length: 8 }, () => admin.rows(STATEMENTS.clock())),
  ]);
  const kinds = answers.map((answer) => answer.status === "fulfilled" ? "answered" : answer.reason.kind);
  assertEquals(kinds, ["answered", "no-session", ...Array(7).fill("answered"), "busy", "busy"]);
  assertEquals(
    proxy.statements.slice(asked).filter((sql) => !/@@version_comment|DATABASE/.test(sql)).length,
    9,
  );
  proxy.behaviour.silent = true;
  const wedged = await Promise.allSettled([1, 2, 3].map(() => admin.rows(STATEMENTS.version())));
  assertEquals(wedged.map((each) => each.status === "rejected" && each.reason.kind), Array(3).fill("wedged"));
  proxy.behaviour.silent = false;
  assertEquals((await admin.rows(STATEMENTS.version())).length, 1);
});

Deno.test("a connection whose time was over as it was made belongs to a ProxySQL that hangs, a host that is gone does not", () => {
  const kindOf = (error: DatabaseError) => adminError(error).kind;
  assertEquals(kindOf(new DatabaseError("lost", 'the connection broke: "connect ETIMEDOUT"')), "wedged");
  assertEquals(kindOf(new DatabaseError("lost", 'the connection broke: "read ECONNRESET"')), "lost");
  assertEquals(kindOf(new DatabaseError("unreachable", "connect ETIMEDOUT 10.0.0.1:6032")), "unreachable");
});
