import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Clock } from "../../src/clock.ts";
import type { DatabaseStatus } from "../../src/app/watches.ts";
import { NotifyError, openNotifySocket } from "../../src/app/service_manager/notify_socket.ts";
import { Pulse } from "../../src/app/service_manager/pulse.ts";
import { ServiceManager } from "../../src/app/service_manager/service_manager.ts";
import { statusText } from "../../src/app/service_manager/status_text.ts";

function status(changes: Partial<DatabaseStatus> = {}): DatabaseStatus {
  const counts = { looks: 0, kills: 0, errors: 0 };
  return { name: "a", mode: "enforce", interval: 1000, connected: true, hurt: false, ...counts, ...changes };
}

Deno.test("a watcher that looks, or tries, goes on; one that does neither for two minutes does not", () => {
  const pulse = new Pulse();
  const at = (now: number, looks: number, errors: number) =>
    pulse.silent([{ name: "a", interval: 1000, looks, errors }], now);
  assertEquals(at(0, 0, 0), []);
  assertEquals(at(120_000, 0, 0), []);
  assertEquals(at(120_001, 0, 0), ["a"]);
  assertEquals(at(130_000, 0, 1), []);
  assertEquals(at(250_001, 0, 1), ["a"]);
  assertEquals(at(250_002, 1, 1), []);
});

Deno.test("a database that is looked at every ten minutes is not silent meanwhile", () => {
  const pulse = new Pulse();
  const at = (now: number) => pulse.silent([{ name: "a", interval: 600_000, looks: 1, errors: 0 }], now);
  assertEquals(at(0), []);
  assertEquals(at(1_800_000), []);
  assertEquals(at(1_800_001), ["a"]);
});

Deno.test("a database that a reload adds counts from then on, and one that is gone no more", () => {
  const pulse = new Pulse();
  const of = (name: string) => ({ name, interval: 1000, looks: 0, errors: 0 });
  assertEquals(pulse.silent([of("a")], 0), []);
  assertEquals(pulse.silent([of("b")], 200_000), []);
  assertEquals(pulse.silent([of("a"), of("b")], 300_000), []);
});

Deno.test("the status is one line: how many are reached, hurt, killed, and whether kills are paused", () => {
  assertEquals(statusText([status()], 0), "1 database, 0 hurt, 0 kills");
  const hold = { reason: "paused", note: "deploy" } as const;
  const fleet = [
    status({ hurt: true, kills: 2, hold }),
    status({ connected: false, hurt: true, errors: 4 }),
    status({ kills: 1 }),
  ];
  assertEquals(
    statusText(fleet, 1),
    "3 databases, 1 not reached, 1 not looked at any more, 1 hurt, 3 kills, kills are paused",
  );
});

/** A manager that is told by hand: each call of `turn` is one turn of the service manager's loop. */
async function told(environment: Readonly<Record<string, string>>) {
  const sent: (readonly string[])[] = [];
  const warnings: string[] = [];
  const slept: number[] = [];
  let [now, wake, failing] = [0, () => {}, false];
  const clock: Clock = {
    now: () => now,
    wall: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        slept.push(milliseconds);
        wake = resolve;
        signal?.addEventListener("abort", () => resolve());
      }),
  };
  const manager = await ServiceManager.open({
    clock,
    pid: 42,
    environment: (name) => ({ NOTIFY_SOCKET: "/run/notify", ...environment })[name],
    warn: (text) => void warnings.push(text),
    open: () =>
      Promise.resolve({
        send(lines) {
          if (failing) return Promise.reject(new Error("nobody is there"));
          sent.push(lines);
          return Promise.resolve();
        },
        close() {},
      }),
  });
  const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
  return {
    manager: manager!,
    sent,
    warnings,
    slept,
    fail: () => failing = true,
    settled,
    async turn(milliseconds: number) {
      now += milliseconds;
      wake();
      await settled();
      return sent.at(-1);
    },
  };
}

const WATCHDOG = { WATCHDOG_USEC: "4000000", WATCHDOG_PID: "42" };

Deno.test("it is told of readiness, reloads and the end, with signs of life at half of the time asked for", async () => {
  const { manager, sent, slept, settled, turn } = await told(WATCHDOG);
  let looks = 0;
  manager.begin({ status: () => ({ databases: [status({ looks: looks++ })] }) });
  await settled();
  assertEquals(sent, [["READY=1", "STATUS=1 database, 0 hurt, 0 kills", "WATCHDOG=1"]]);
  assertEquals(slept, [2000]);
  assertEquals(await turn(2000), ["STATUS=1 database, 0 hurt, 0 kills", "WATCHDOG=1"]);
  manager.reloading();
  manager.ready();
  await settled();
  assertEquals(sent.slice(2).map(([first]) => first), ["RELOADING=1", "READY=1"]);
  const ended = manager.end();
  await turn(0);
  await ended;
  assertEquals(sent.at(-1), ["STOPPING=1"]);
});

Deno.test("signs of life end once no watcher does anything, and not while one does, or while databases are down", async () => {
  const { manager, turn } = await told(WATCHDOG);
  let databases = [status({ looks: 1 }), status({ name: "b", connected: false, errors: 1 })];
  const next = (looks: number, errors: number) =>
    databases = [status({ looks }), status({ name: "b", connected: false, errors })];
  manager.begin({ status: () => ({ databases }) });
  assert((await turn(119_000))!.includes("WATCHDOG=1"));
  next(1, 2); // the one that cannot be reached is tried
  assert((await turn(2_000))!.includes("WATCHDOG=1"), "one is silent, the other goes on");
  const stuck = await turn(121_000);
  assertEquals(stuck, ["STATUS=2 databases, 1 not reached, 2 not looked at any more, 0 hurt, 0 kills"]);
  next(2, 2);
  assert((await turn(1_000))!.includes("WATCHDOG=1"), "it goes on after all");
  databases = [];
  assert((await turn(500_000))!.includes("WATCHDOG=1"), "nothing is to be watched");
});

Deno.test("signs of life are given only to who asks this process for them", async () => {
  const others: readonly Readonly<Record<string, string>>[] = [
    {},
    { WATCHDOG_USEC: "0" },
    { WATCHDOG_USEC: "x" },
    { WATCHDOG_USEC: "4000000", WATCHDOG_PID: "43" },
  ];
  for (const environment of others) {
    const { manager, sent, slept, settled } = await told(environment);
    manager.begin({ status: () => ({ databases: [status()] }) });
    await settled();
    assertEquals([sent, slept], [[["READY=1", "STATUS=1 database, 0 hurt, 0 kills"]], [10_000]]);
  }
});

Deno.test("a manager that cannot be told any more is a warning, once", async () => {
  const { manager, fail, warnings, turn } = await told(WATCHDOG);
  manager.begin({ status: () => ({ databases: [status()] }) });
  fail();
  await turn(2000);
  await turn(2000);
  assertEquals(warnings, [
    "query-sniper: the service manager is not told that the program works: nobody is there: a unit of " +
    "Type=notify waits for that in vain, and WatchdogSec= ends the program: use Type=exec without it",
  ]);
});

Deno.test("a socket that cannot be reached, or made, is named", async () => {
  const failures: readonly (readonly [Parameters<typeof openNotifySocket>[0], string])[] = [
    [
      { path: "@abstract", folder: undefined },
      "this program can reach no socket without a file, as $NOTIFY_SOCKET names one",
    ],
    [
      { path: "/run/notify", folder: undefined, listen: undefined },
      "this program was compiled without --unstable-net",
    ],
  ];
  for (const [options, message] of failures) {
    assertEquals((await assertRejects(() => openNotifySocket(options), NotifyError)).message, message);
  }
  const listen = () => {
    throw new Error("not reached");
  };
  const { message } = await assertRejects(
    () => openNotifySocket({ path: "/run/notify", folder: "/nowhere", listen }),
    NotifyError,
  );
  assert(
    message.startsWith("no socket can be made in $RUNTIME_DIRECTORY: No such file or directory"),
    message,
  );
});
