import { assertEquals } from "@std/assert";
import { BackendChanges } from "../../../src/app/proxysql/backends.ts";
import { Rehearsal } from "../../../src/app/proxysql/rehearsal.ts";
import { Vitals } from "../../../src/app/proxysql/vitals.ts";
import { PROBES } from "../../../src/proxysql/mod.ts";
import { Folder } from "../../config/folder.ts";
import { StageClock } from "../../http/stage_clock.ts";

async function stage(folder: Folder) {
  const clock = new StageClock();
  const file = folder.file("draining");
  const drain = { file, delay: 0, timeout: 0, closeIdle: 0, shutdown: false };
  const vitals = new Vitals({ interval: 10_000, timeout: 3000, drain }, clock);
  const all = async () =>
    Object.fromEntries(
      await Promise.all(
        PROBES.map(async (probe) => [probe, (await vitals.health(probe)).reasons.join("; ")]),
      ),
    );
  await Promise.resolve();
  return { clock, file, vitals, all };
}

Deno.test("what probes are told is what the last look saw, for as long as that counts", async () => {
  await using folder = await Folder.make({});
  const { clock, vitals, all } = await stage(folder);
  const none = "it has not answered yet";
  assertEquals(await all(), { live: none, ready: "it has not been looked at yet", started: none });
  vitals.failed("connection refused");
  const refused = `${none}; connection refused`;
  assertEquals(await all(), { live: refused, ready: "connection refused", started: refused });
  vitals.answered({ reasons: [], paused: false, backends: [] });
  assertEquals(await all(), { live: "", ready: "", started: "" });
  await clock.pass(20_000);
  vitals.failed("it hangs");
  assertEquals(await all(), { live: "", ready: "it hangs", started: "" });
  await clock.pass(10_000);
  assertEquals((await vitals.health("live")).ok, true);
  await clock.pass(1);
  assertEquals(await all(), {
    live: "it has not answered for 30s; it hangs",
    ready: "it hangs",
    started: "",
  });
  // Looks that are not made any more say nothing of now.
  await clock.pass(20_000);
  assertEquals((await vitals.health("ready")).reasons, ["it was looked at 30s ago", "it hangs"]);
});

Deno.test("a statement that may take longer than the interval is no reason to take ProxySQL for dead", async () => {
  await using folder = await Folder.make({});
  const { clock, vitals } = await stage(folder);
  const drain = { file: folder.file("draining"), delay: 0, timeout: 0, closeIdle: 0, shutdown: false };
  vitals.adopt({ interval: 1000, timeout: 10_000, drain });
  vitals.heard();
  await clock.pass(30_000);
  assertEquals((await vitals.health("live")).ok, true);
  await clock.pass(1);
  assertEquals((await vitals.health("live")).ok, false);
});

Deno.test("a drain is known at once, by whomever it was begun, and keeps ProxySQL alive", async () => {
  await using folder = await Folder.make({});
  const { file, vitals, all } = await stage(folder);
  vitals.answered({ reasons: [], paused: false, backends: [] });
  await Deno.writeTextFile(file, "");
  assertEquals(await all(), { live: "", ready: "it drains", started: "" });
  vitals.answered({ reasons: ["it is paused"], paused: true, backends: [] });
  assertEquals((await all())["ready"], "it drains; it is paused");
  await Deno.remove(file);
  assertEquals((await all())["ready"], "it is paused");
  vitals.isDraining = true;
  assertEquals((await all())["ready"], "it drains; it is paused");
});

Deno.test("a server behind ProxySQL is told of when its status changes, and forgotten when it is gone", () => {
  const changes = new BackendChanges();
  const take = (...rows: readonly (readonly [port: number, status: string])[]) =>
    changes.take(
      rows.map(([srv_port, status]) => ({ hostgroup: "10", srv_host: "10.0.0.1", srv_port, status })),
      "proxy",
    ).map(({ backend, hostgroup, status, before }) => [backend, hostgroup, status, before]);
  assertEquals(take([1, "ONLINE"], [2, "SHUNNED"]), [["10.0.0.1:2", 10, "SHUNNED", undefined]]);
  assertEquals(take([1, "ONLINE"], [2, "SHUNNED"]), []);
  assertEquals(take([1, "SHUNNED_REPLICATION_LAG"], [2, "ONLINE"]), [
    ["10.0.0.1:1", 10, "SHUNNED_REPLICATION_LAG", "ONLINE"],
    ["10.0.0.1:2", 10, "ONLINE", "SHUNNED"],
  ]);
  assertEquals(take([2, "ONLINE"]), []);
  assertEquals(take([1, "SHUNNED"], [2, "ONLINE"]), [["10.0.0.1:1", 10, "SHUNNED", undefined]]);
});

Deno.test("a dry run tells the same statements once", () => {
  const told: string[] = [];
  const rehearsal = new Rehearsal(
    "proxy",
    ({ act, statements }) => told.push(`${act}: ${statements.join(", ")}`),
  );
  for (const statement of ["A", "A", "B", "A"]) {
    rehearsal.tell({ act: "membership", statements: [statement] });
  }
  rehearsal.tell({ act: "purge", statements: [] });
  assertEquals(told, ["membership: A", "membership: B", "membership: A"]);
});
