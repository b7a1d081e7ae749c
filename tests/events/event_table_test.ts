import { assert, assertEquals } from "@std/assert";
import { EVENTS, levelOf, REPORTED_OUTCOMES } from "../../src/events/mod.ts";

Deno.test("each event and each outcome is explained: in words of its own, and no sentence", () => {
  const meanings = [...Object.values(EVENTS), ...Object.values(REPORTED_OUTCOMES)].map(({ meaning }) =>
    meaning
  );
  assertEquals(new Set(meanings).size, meanings.length);
  for (const meaning of meanings) assert(/^[a-z].{9,}[^.]$/.test(meaning), meaning);
});

Deno.test("each event lists the levels that it can have, the usual one first", () => {
  assertEquals(
    Object.fromEntries(Object.entries(EVENTS).map(([name, { levels }]) => [name, levels.join()])),
    {
      start: "info,warning",
      stop: "info",
      connected: "info",
      config: "info,error",
      unreachable: "error",
      "same-server": "warning",
      identity: "warning",
      privilege: "error,warning",
      gate: "warning,info",
      match: "info",
      kill: "warning,error,info",
      budget: "warning,info",
      unkillable: "warning",
      "gave-up": "warning",
      lease: "info,warning,error",
      pause: "warning,info",
      journal: "error,info,warning",
      abandoned: "warning",
      evidence: "info,error",
      notify: "error,info",
      http: "info,error,warning",
      "proxysql-connected": "info",
      "proxysql-unreachable": "error",
      "proxysql-account": "error",
      "proxysql-wedged": "error",
      "proxysql-leader": "info,warning",
      "proxysql-peer": "info,warning",
      "proxysql-resync": "warning,info,error",
      "proxysql-stamp": "warning,error",
      "proxysql-unstamped": "warning",
      "proxysql-conflict": "error",
      "proxysql-drain": "info,warning",
      "proxysql-dump": "info,warning,error",
      "proxysql-purge": "warning",
      "proxysql-backend": "warning,info",
      "proxysql-plugin": "info,error",
      shards: "info,warning,error",
      "shard-gate": "warning,info",
      "shard-change": "info,warning,error",
      "shard-move": "info,warning",
      "proxysql-dry-run": "info",
      "proxysql-status": "info",
      heartbeat: "info,warning",
    },
  );
});

Deno.test("a plugin that has failed is an error, and one that ends with the agent is none", () => {
  const plugin = { event: "proxysql-plugin", proxysql: "p", plugin: "a.js" } as const;
  const levels = (["started", "failed", "stopped"] as const).map((state) => levelOf({ ...plugin, state }));
  assertEquals(levels, ["info", "error", "info"]);
});
