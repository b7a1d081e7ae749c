import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { refusedEvent } from "../../../src/cli/commands/coordinator/events.ts";
import { DatabaseError } from "../../../src/connection/mod.ts";
import { describe, levelOf } from "../../../src/events/mod.ts";
import { ChangeError } from "../../../src/shards/coordinator/change.ts";
import { changeRoutes } from "../../../src/shards/coordinator/change_routes.ts";

Deno.test("each request to change the group that is refused has its event, and no name of a client that is none", async () => {
  const told: string[] = [];
  const app = new Hono();
  const refuse = () => Promise.reject(new ChangeError("conflict", "another change is under way"));
  changeRoutes(app, {
    coordinator: { request: refuse, cancel: refuse },
    paused: () => Promise.resolve("by hand"),
    groupNow: () => Promise.reject(new DatabaseError("lost", "gone")),
    refused(request) {
      const event = refusedEvent(request, "shop");
      assertEquals(levelOf(event as Parameters<typeof levelOf>[0]), "warning");
      told.push(describe(event as Parameters<typeof describe>[0], String));
    },
  });
  app.onError((_, c) => c.text("refused", 409));
  const post = (path: string, body: unknown = {}) =>
    app.request(path, { method: "POST", body: JSON.stringify(body) });
  await post("/shards");
  await post("/shards", { name: "shard-9" });
  await post("/shards", { name: "a\nb" });
  await post("/shards/shard-2/drain");
  await post("/changes/7/abort");
  await post("/changes/7x/abort");
  await post("/moves", { from: "shard-1", to: "shard-2", slots: "0-9" });
  // What is no request at all is answered only.
  await post("/moves", { from: 1 });
  const why = "is refused: another change is under way";
  assertEquals(told, [
    `shop: add shard ${why}`,
    `shop: add shard with shard-9 ${why}`,
    `shop: add shard ${why}`,
    `shop: drain of shard-2 ${why}`,
    `shop: change 7, cancel ${why}`,
    `shop: cancel ${why}`,
    "shop: a move: refused: changes are paused: by hand",
  ]);
});
