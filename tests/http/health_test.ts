import { assertEquals } from "@std/assert";
import { connected, stage } from "./fixture.ts";

async function health(set: Awaited<ReturnType<typeof stage>>) {
  const alive = await set.app.request("/healthz");
  const { status, body } = await set.json("/readyz");
  return [alive.status, await alive.text(), status, body.reasons];
}

Deno.test("a program that has looked at nothing yet is alive and not ready", async () => {
  await using set = await stage();
  assertEquals(await health(set), [200, "ok\n", 503, ["no database was looked at yet"]]);
  await set.emit(connected("orders"));
  set.looked("orders");
  assertEquals(await health(set), [200, "ok\n", 200, []]);
});

Deno.test("a program that makes no looks any more is not alive", async () => {
  await using set = await stage();
  await set.emit(connected("orders"));
  await set.emit(connected("users"));
  set.looked("orders");
  set.looked("users");
  set.clock.at += 60_000;
  set.looked("users");
  set.clock.at += 60_000;
  assertEquals((await health(set))[0], 200, "one of them is looked at");
  set.clock.at += 1;
  assertEquals(await health(set), [503, "no looks are made\n", 503, ["no looks are made any more"]]);
});

Deno.test("databases that cannot be reached, and a journal that cannot be written, are no reason to restart", async () => {
  await using set = await stage();
  await set.emit(connected("orders"));
  set.looked("orders");
  for (const database of ["orders", "users", "reports"]) {
    await set.emit({ event: "unreachable", database, reason: "refused" });
  }
  set.usable = false;
  set.clock.at += 3_600_000;
  assertEquals(await health(set), [200, "ok\n", 503, [
    "no database can be reached",
    "the journal cannot be written, and nothing is killed",
  ]]);
});
