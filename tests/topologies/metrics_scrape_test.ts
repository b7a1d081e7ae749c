// What /metrics gives out, read by Prometheus itself: `promtool check metrics` reads the text format, a real `prometheus`
// scrapes OpenMetrics. Debian: prometheus, which has both.

import { assert, assertEquals } from "@std/assert";
import { type AnyJson, connected, killEvent, stage } from "../http/fixture.ts";
import { waitFor } from "../lab/wait_for.ts";

/** A fleet of which all is known. */
async function told() {
  const set = await stage();
  for (const database of ["orders", "users"]) {
    await set.emit(connected(database));
    set.looked(database, {
      health: { lag: 42_000, hll: 1234, threads_running: 3, oldest_transaction: 1500 } as never,
    });
  }
  await set.emit({ event: "lease", database: "orders", state: "held" });
  await set.emit(killEvent());
  return set;
}

Deno.test("promtool finds nothing wrong with the text format", async () => {
  await using set = await told();
  const text = await (await set.app.request("/metrics")).text();
  const child = new Deno.Command("promtool", {
    args: ["check", "metrics"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals([code, said], [0, ""]);
});

Deno.test("Prometheus scrapes OpenMetrics, and knows the series", async () => {
  await using set = await told();
  const accepted: string[] = [];
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const response = await set.app.fetch(request);
    accepted.push(response.headers.get("content-type") ?? "");
    return response;
  });
  const port = freePort();
  const folder = await Deno.makeTempDir({ prefix: "query-sniper-test-" });
  await Deno.writeTextFile(`${folder}/prometheus.yml`, configOf(server.addr.port));
  const child = new Deno.Command("prometheus", {
    args: [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=error",
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const query = async (expression: string) => {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`;
      const response = await fetch(url).catch(() => undefined);
      return response?.ok ? (await response.json()).data.result as readonly AnyJson[] : [];
    };
    const found = await waitFor("a scrape", async () => {
      const [up] = await query("up");
      return up?.value[1] === "1" ? await query('query_sniper_kills_total{outcome="killed"}') : undefined;
    }, { timeoutMs: 30_000 });
    assertEquals(found.map(({ metric, value }) => [metric.database, value[1]]), [["orders", "1"]]);
    const lag = await query("query_sniper_replication_lag_seconds");
    assertEquals(lag.map(({ value }) => value[1]), ["42", "42"]);
    assert(accepted.every((type) => type.startsWith("application/openmetrics-text")), accepted[0]);
  } finally {
    child.kill("SIGTERM");
    await child.status;
    await Deno.remove(folder, { recursive: true });
  }
});

function configOf(port: number): string {
  return `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: query-sniper
    static_configs: [{ targets: ["127.0.0.1:${port}"] }]
`;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
