// The real program as a real Prometheus sees it: over TLS, with the token, while it kills on a real server.

import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { INTERRUPTED, slowQuery, start, startSniper } from "../integration/fixture.ts";
import { ACCOUNTS, Client, requireFlavors, startPair, waitFor } from "../lab/mod.ts";
import { freePort } from "../lab/start.ts";
import { ROOT } from "../program.ts";
import { exposition, METRIC_NAMES, namesIn } from "./exposition.ts";
import { asSent, DASHBOARD } from "./monitoring_files.ts";
import { Prometheus, type Series } from "./prometheus_stage.ts";

/** What a listener beyond loopback needs, in a folder of its own that only its owner may read. */
class Door implements AsyncDisposable {
  readonly folder: string;
  readonly port: number = freePort();
  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<Door> {
    const door = new Door(await Deno.makeTempDir({ prefix: "query-sniper-door-" }));
    for (const file of ["ca.pem", "server-cert.pem", "server-key.pem"]) {
      await Deno.copyFile(`${ROOT}tests/fixtures/tls/${file}`, door.path(file));
    }
    await Deno.writeTextFile(door.path("token"), "0123456789abcdef0123");
    for (const file of ["server-key.pem", "token"]) await Deno.chmod(door.path(file), 0o600);
    return door;
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  /** For the program's configuration. */
  get listen(): string {
    const tls = `{ cert_file: ${this.path("server-cert.pem")}, key_file: ${this.path("server-key.pem")} }`;
    return `{ address: "127.0.0.1:${this.port}", token_file: ${this.path("token")}, tls: ${tls} }`;
  }

  /** For Prometheus', as in config/deploy/prometheus/prometheus.yaml. */
  get scrape(): string {
    return `[{ job_name: query-sniper, scheme: https, authorization: { credentials_file: ${
      this.path("token")
    } },
  tls_config: { ca_file: ${
      this.path("ca.pem")
    }, server_name: localhost }, static_configs: [{ targets: ["127.0.0.1:${this.port}"] }] }]`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** The labels that each metric has, by its name. */
function labelsOf(series: readonly Series[]): ReadonlyMap<string, string> {
  return new Map(series.map(({ metric: { __name__: name, ...labels } }) => [
    name!,
    Object.keys(labels).filter((label) => label !== "instance" && label !== "job").toSorted().join(" "),
  ]));
}

/** The series of an exposition, without their values. */
function seriesIn(text: string): readonly Series[] {
  return [...text.matchAll(/^(query_sniper_\w+)(?:\{(.*)\})? /gm)].map(([, name, labels = ""]) => ({
    metric: {
      __name__: name!,
      ...Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!])),
    },
    value: [0, ""],
  }));
}

Deno.test("Prometheus gets the series that rules and panels are made for from the real program", async () => {
  await using pair = await startPair((await requireFlavors())[0]!);
  await using door = await Door.make();
  const gate = "lag >= 0s or hll >= 0 or threads_running >= 0 or oldest_transaction >= 0s";
  await using sniper = await startSniper({
    rules: `listen: ${door.listen}
policies:
  - { name: long, when: "${gate}", where: "user = 'app' and time > 500ms", then: kill query }
  - { name: rehearsed, mode: dry-run, when: "${gate}", where: "user = 'app' and time > 500ms", then: kill query }`,
    databases: [pair.primary, pair.replica],
  });
  await using prometheus = await Prometheus.start(door.scrape);
  await using client = await Client.connect(pair.primary, ACCOUNTS.app);
  const victim = start(client, slowQuery(60));
  assertEquals(await victim.error, INTERRUPTED);
  await sniper.event("the kill", ({ event, outcome }) => event === "kill" && outcome === "killed");
  // A rate needs two samples; the first request is counted at the second scrape.
  const ready =
    "count_over_time(query_sniper_http_requests_total[1m]) >= 3 and on (instance) query_sniper_kills_total > 0";
  await waitFor("scrapes after the kill", async () => (await prometheus.query(ready)).length > 0, {
    timeoutMs: 20_000,
  });
  assertEquals(await prometheus.scrapeErrors(), [""]);

  // As the kubelet asks, which has no token.
  const ca = await Deno.readTextFile(door.path("ca.pem"));
  using http = Deno.createHttpClient({ caCerts: [ca] });
  const statuses = await Promise.all(["healthz", "readyz", "metrics"].map(async (path) => {
    const answer = await fetch(`https://localhost:${door.port}/${path}`, { client: http });
    await answer.body?.cancel();
    return answer.status;
  }));
  assertEquals(statuses, [200, 200, 401]);

  const real = labelsOf(await prometheus.query('{__name__=~"query_sniper_.+"}'));
  const modelled = labelsOf(seriesIn(exposition("holder", 1)));
  // Nobody is notified here.
  assertEquals(METRIC_NAMES.filter((name) => !real.has(name)), ["query_sniper_notify_channel_up"]);
  for (const [name, labels] of real) assertEquals([name, modelled.get(name)], [name, labels]);

  const empty: string[] = [];
  for (const { title, targets = [] } of DASHBOARD.panels) {
    for (const { expr } of targets) {
      const isThere = namesIn(expr).every((name) => real.has(name));
      if ((await prometheus.query(asSent(expr))).length === 0 && isThere) empty.push(`${title}: ${expr}`);
    }
  }
  assertEquals(empty, []);
  assert((await prometheus.query('sum(query_sniper_kills_total{outcome="killed"}) >= 1')).length === 1);
});
