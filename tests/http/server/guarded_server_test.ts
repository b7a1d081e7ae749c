// What a server keeps, whatever it serves.

import { assertEquals } from "@std/assert";
import { systemClock } from "../../../src/clock.ts";
import { Deadlines } from "../../../src/http/server/deadlines.ts";
import { GuardedServer, type Serve } from "../../../src/http/server/guarded_server.ts";
import { LIMITS } from "../../../src/http/server/limits.ts";
import { FLEET_SITE } from "../../../src/http/server/site.ts";
import { OPEN, request, sendRaw } from "./fixture.ts";

async function guarded(serve: Serve) {
  const server = await GuardedServer.listen(OPEN, {
    ...{ serve, site: FLEET_SITE, clock: systemClock, limits: LIMITS },
  });
  return { port: server.address.port, [Symbol.asyncDispose]: () => server.close() };
}

Deno.test("what fails at once or later ends its connection, and the next client is served", async () => {
  await using server = await guarded(({ url }, outgoing) => {
    if (url === "/at-once") throw new Error("at once");
    if (url === "/later") return Promise.reject(new Error("later"));
    outgoing.end("served");
  });
  for (const path of ["/at-once", "/later"]) {
    assertEquals((await sendRaw(server.port, request(`GET ${path}`))).status, "closed", path);
  }
  assertEquals((await sendRaw(server.port, request("GET /"))).status, 200);
});

Deno.test("requests of one connection are served in their turn, those of others meanwhile", async () => {
  const told: string[] = [];
  const held = Promise.withResolvers<void>();
  await using server = await guarded(async ({ url }, outgoing) => {
    told.push(url!);
    if (url === "/first") await held.promise;
    outgoing.end("served");
  });
  const both = sendRaw(server.port, request("GET /first") + request("GET /second"), { settle: 300 });
  await sendRaw(server.port, request("GET /other"));
  assertEquals(told, ["/first", "/other"]);
  held.resolve();
  assertEquals((await both).answers, 2);
  assertEquals(told, ["/first", "/other", "/second"]);
});

Deno.test("a deadline is told of once, when it is over, and not where it was met", () => {
  let now = 0;
  const told: string[] = [];
  const deadlines = new Deadlines(() => now);
  deadlines.begin(10, () => told.push("ten"));
  const met = deadlines.begin(10, () => told.push("met"));
  deadlines.begin(20, () => told.push("twenty"));
  now = 9;
  deadlines.sweep();
  assertEquals(told, []);
  met();
  now = 10;
  deadlines.sweep();
  deadlines.sweep();
  assertEquals(told, ["ten"]);
  now = 25;
  deadlines.sweep();
  assertEquals(told, ["ten", "twenty"]);
});
