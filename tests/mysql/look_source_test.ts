import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { lookSource } from "../../src/mysql/look_source.ts";
import type { Metrics } from "../../src/mysql/metrics.ts";
import { sqlBytes } from "../../src/mysql/reads/sql_value.ts";
import type { Server } from "../../src/mysql/server.ts";
import { policy } from "../policy/fixture.ts";

Deno.test("a look source reads only sessions with the commands of clients, whatever policies ask for", async () => {
  const statements: string[] = [];
  const own = { id: 1, command: "Query", query_id: 3 };
  const query = (sql: string) => {
    statements.push(sql);
    return Promise.resolve([own]);
  };
  const capabilities = { sessions: "process_list_ms", textLimit: 1024, user: "sniper", gaps: [] };
  const source = lookSource(
    { watching: { id: 1, query }, capabilities } as unknown as Server,
    { name: "orders", interval: 1000, address: { host: "db1", port: 3306 } },
    { clock: systemClock, metrics: {} as Metrics, sources: undefined },
  );
  const { where: { tree } } = policy({ where: "time > 10s" });
  await source.sessions({ uptime: 60_000, wanted: [{ tree, running: true, constants: () => undefined }] });
  await source.sessions({ uptime: 60_000, ids: [7] });
  const [filtered, byId] = statements;
  for (const command of ["Query", "Execute", "Sleep"]) assert(filtered!.includes(sqlBytes(command)), command);
  for (const command of ["Binlog Dump", "Daemon", "Killed"]) {
    assert(!filtered!.includes(sqlBytes(command)), command);
  }
  assertEquals([statements.length, byId!.includes(sqlBytes("Query"))], [2, false]);
});
