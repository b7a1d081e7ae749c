// OpenTelemetry, as far as the runtime has it, against a stand-in for a collector: docs/opentelemetry.md.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { isOn, telemetryProblem } from "../../src/cli/telemetry.ts";
import { AWAY_PASSWORD, awayConfig } from "../app/away.ts";
import { sample } from "../pages.ts";
import { ROOT } from "../program.ts";

interface Received {
  readonly path: string;
  readonly body: string;
}

/** Takes what is exported to it. */
function startCollector(): AsyncDisposable & {
  readonly url: string;
  readonly received: readonly Received[];
} {
  const received: Received[] = [];
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(options, async (request) => {
    received.push({ path: new URL(request.url).pathname, body: await request.text() });
    return Response.json({});
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    received,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Runs the command of the page, from the sources, on a configuration. */
async function runExporting(file: string, url: string) {
  const command = sample("opentelemetry-run").trim()
    .replace("http://localhost:4318", url)
    .replace("/etc/query-sniper/query-sniper.yaml", file)
    .replace(/\bdeno run\b/, `${Deno.execPath()} run --quiet`);
  // Whatever becomes of the last export, the test ends.
  const { code, stdout, stderr } = await new Deno.Command("timeout", {
    args: ["--signal=KILL", "30", "sh", "-c", command],
    cwd: ROOT,
    env: { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("the command of the page exports the runtime's metrics, and neither passwords nor statements", async () => {
  await using collector = startCollector();
  await using config = await awayConfig();
  const { code, stderr } = await runExporting(config.file, collector.url);
  assertEquals([code, stderr], [1, ""], "the database is away, and that is all");
  const paths = new Set(collector.received.map(({ path }) => path));
  assert(paths.has("/v1/metrics"), [...paths].join());
  const exported = collector.received.map(({ body }) => body).join("\n");
  assertStringIncludes(exported, "v8js.");
  assertStringIncludes(exported, '"query-sniper"');
  for (const secret of [AWAY_PASSWORD, "unreachable", "10s"]) assert(!exported.includes(secret), secret);
});

Deno.test("with a channel nothing begins: its address would be exported", async () => {
  await using collector = startCollector();
  const files = { url: `${collector.url}/hook/very-secret`, key: "0123456789abcdef0123456789abcdef" };
  const channel = "notify: { hook: { webhook: { url_file: url, secret_file: key }, on: [unreachable] } }\n";
  await using config = await awayConfig(files, channel);
  const { code, stdout, stderr } = await runExporting(config.file, collector.url);
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(
    stderr,
    "query-sniper: OpenTelemetry would export the addresses of channels, which are secrets",
  );
  assert(!JSON.stringify(collector.received).includes("very-secret"));
});

Deno.test("channels are refused only where requests may be exported", async () => {
  const hook = { name: "hook", kind: "slack", on: [], databases: [], every: 1000 } as const;
  const problem = (notify: readonly (typeof hook)[], value: string | undefined) =>
    telemetryProblem({ notify }, (name) => name === "OTEL_DENO" ? value : undefined);
  assertEquals(await problem([], "true"), undefined);
  assertEquals(await problem([hook], undefined), undefined);
  assert((await problem([hook], "true"))!.includes("unset OTEL_DENO"));
  assertEquals([undefined, "", "0", "false", "1", "TRUE", "yes"].map(isOn), [
    false,
    false,
    false,
    false,
    true,
    true,
    true,
  ]);
});
