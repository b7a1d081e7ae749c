// What the agent of a ProxySQL serves, over real connections, with its guards.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../../src/clock.ts";
import type { ListenConfig } from "../../../src/config/mod.ts";
import {
  AGENT_METRICS,
  AGENT_SITE,
  agentApp,
  type AgentContext,
  type AgentState,
  type Begun,
  type Work,
  type WorkState,
} from "../../../src/http/proxysql/mod.ts";
import { RequestCounts } from "../../../src/http/request_counts.ts";
import { HttpServer } from "../../../src/http/server/mod.ts";
import { Secret } from "../../../src/text/secret.ts";
import { OPEN, request, sendRaw } from "../server/fixture.ts";

const TOKEN = "0123456789abcdef";

const STATE: AgentState = {
  ...{ address: "127.0.0.1:6032", role: "core", state: "up", version: "2.7.2", live: true, ready: false },
  ...{ started: true, reasons: ["it drains"], draining: true, paused: null, leader: { state: "leads" } },
  ...{ peers: [], backends: [{ hostgroup: 1, address: "10.0.0.1:3306", status: "SHUNNED" }], findings: [] },
  ...{ acts: [], works: [], last_answer: "2026-11-20T10:00:00.000Z", last_dump: null, dry_run: false },
  counts: { looks: 7, errors: 1, dumps: 2, failed_dumps: 0, purges: 0, closed_sessions: 3 },
};

const RUNNING: WorkState = {
  ...{
    id: "1",
    work: "drain",
    state: "running",
    since: "2026-11-20T10:00:00.000Z",
    ended: null,
    reason: null,
  },
};

/** An agent that says what it is told to, and a server in front of it. */
async function served(
  answer: (work: Work) => Begun,
  { config, drainsByGet = false }: {
    readonly config?: Partial<ListenConfig>;
    readonly drainsByGet?: boolean;
  } = {},
) {
  const asked: Work[] = [];
  const context: AgentContext = {
    ...{ version: "1.2.3", clock: systemClock, started: 0 },
    health: (probe) =>
      Promise.resolve(
        probe === "ready" ? { probe, ok: false, reasons: ["it drains"] } : { probe, ok: true, reasons: [] },
      ),
    state: () => Promise.resolve(STATE),
    begin(work) {
      asked.push(work);
      return Promise.resolve(answer(work));
    },
    drainsByGet: () => drainsByGet,
    dropped: () => 0,
  };
  const requests = new RequestCounts();
  const app = agentApp(context, requests);
  const server = await HttpServer.listen({ ...OPEN, hosts: [], ...config }, {
    fetch: (request, env) => app.fetch(request, env),
    site: AGENT_SITE,
    clock: systemClock,
    newId: () => "id",
    answered: (status) => requests.add(status),
  });
  return {
    asked,
    port: server.config.address.port,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

const BEGUN: Begun = {
  ...{ kind: "begun", id: "7" },
  ended: Promise.resolve({ ...RUNNING, id: "7", state: "done", reason: "nobody is left" }),
};

Deno.test("health, status and metrics are told, and works begin with an id", async () => {
  await using agent = await served(() => BEGUN);
  const url = `http://127.0.0.1:${agent.port}`;
  const get = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return [response.status, response.headers.get("content-type"), await response.text()] as const;
  };
  const json = "application/json";
  assertEquals(await get("/healthz/live"), [200, json, '{"probe":"live","ok":true,"reasons":[]}\n']);
  assertEquals(await get("/healthz/started"), [200, json, '{"probe":"started","ok":true,"reasons":[]}\n']);
  assertEquals(await get("/healthz/ready"), [
    503,
    json,
    '{"probe":"ready","ok":false,"reasons":["it drains"]}\n',
  ]);
  assertEquals(JSON.parse((await get("/v1/status"))[2]), STATE);
  const [status, type, text] = await get("/metrics");
  assertEquals([status, type], [200, "text/plain; version=0.0.4; charset=utf-8"]);
  for (
    const line of [
      'query_sniper_build_info{version="1.2.3"} 1',
      "query_sniper_proxysql_up 1",
      'query_sniper_proxysql_health{probe="ready"} 0',
      'query_sniper_proxysql_backends{status="SHUNNED"} 1',
      "query_sniper_proxysql_leader 1",
      "query_sniper_proxysql_looks_total 7",
      'query_sniper_http_requests_total{code="503"} 1',
    ]
  ) assertStringIncludes(text, `${line}\n`);
  // What is not known has no series.
  assert(!text.includes("proxysql_paused") && !text.includes("last_dump"), text);
  assertEquals(new Set(AGENT_METRICS.map(({ name }) => name)).size, AGENT_METRICS.length);
  for (const path of ["/v1/resync", "/v1/stamp", "/v1/drain", "/v1/resume", "/v1/dump"]) {
    const response = await fetch(`${url}${path}`, { method: "POST" });
    assertEquals([response.status, await response.json()], [202, { id: "7", work: path.slice(4) }]);
  }
  assertEquals(agent.asked, ["resync", "stamp", "drain", "resume", "dump"]);
});

Deno.test("one that runs already, and one that cannot be done, are refused with their reason", async () => {
  const answers: Partial<Record<Work, Begun>> = {
    drain: { kind: "busy", running: RUNNING },
    resync: { kind: "refused", reason: "Only a satellite is synced: the role here is core" },
  };
  await using agent = await served((work) => answers[work]!);
  const post = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${agent.port}${path}`, { method: "POST" });
    return [response.status, await response.json()];
  };
  assertEquals(await post("/v1/drain"), [409, { error: "This runs already: drain", running: RUNNING }]);
  assertEquals(await post("/v1/resync"), [409, {
    error: "Only a satellite is synced: the role here is core",
  }]);
});

Deno.test("/shutdown answers at once that it has begun, and ends its answer with the drain", async () => {
  const { promise, resolve } = Promise.withResolvers<WorkState>();
  await using agent = await served(() => ({ kind: "begun", id: "9", ended: promise }), { drainsByGet: true });
  for (const method of ["POST", "GET"]) {
    const response = await fetch(`http://127.0.0.1:${agent.port}/shutdown`, { method });
    assertEquals(response.status, 202);
    const reader = response.body!.getReader();
    const first = new TextDecoder().decode((await reader.read()).value);
    assertEquals(first, '{"id":"9","work":"shutdown"');
    resolve({ ...RUNNING, state: "done", reason: "nobody is left" });
    let rest = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      rest += new TextDecoder().decode(part.value);
    }
    assertEquals(JSON.parse(first + rest), {
      ...{ id: "9", work: "shutdown", state: "done", reason: "nobody is left" },
    });
  }
  assertEquals(agent.asked, ["shutdown", "shutdown"]);
});

Deno.test("without the token everybody gets health, and nothing else, whatever they send", async () => {
  const door = { hasToken: true, token: new Secret(TOKEN) };
  await using agent = await served(() => BEGUN, { config: door });
  const status = async (bytes: string) => (await sendRaw(agent.port, bytes)).status;
  const bearer = `Authorization: Bearer ${TOKEN}`;
  const rows: readonly (readonly [status: number, bytes: string])[] = [
    [200, request("GET /healthz/live")],
    [503, request("GET /healthz/ready")],
    [200, request("HEAD /healthz/started")],
    [401, request("GET /healthz")],
    [401, request("GET /healthz/live/")],
    [401, request("GET /healthz/../v1/status")],
    [401, request("GET //healthz/live")],
    [401, request("GET /v1/status")],
    [401, request("GET /metrics")],
    [401, request("GET /nothing")],
    [401, request("GET /shutdown")],
    [401, request("POST /shutdown")],
    [401, request("POST /v1/drain", ["Accept: text/html"])],
    [401, request("GET /v1/status", ["Accept: text/html"])],
    [401, request("GET /v1/status", ["Authorization: Bearer 0123456789abcdeF"])],
    [
      401,
      request("GET /v1/status", [`Cookie: query-sniper-${agent.port}=v1.99999999999.a.${"0".repeat(64)}`]),
    ],
    [401, request("POST /login", ["Content-Type: application/json"])],
    [400, request("GET /v1/status", [bearer, bearer])],
    [200, request("GET /v1/status", [bearer])],
    [200, request("GET /metrics", [bearer])],
    [404, request("GET /healthz", [bearer])],
    [404, request("GET /v1", [bearer])],
    [404, request("POST /login", [bearer, "Content-Type: application/json"])],
    [405, request("POST /v1/status", [bearer])],
    [405, request("POST /healthz/live")],
    [405, request("GET /v1/drain", [bearer])],
    [405, request("GET /shutdown", [bearer])],
    [405, request("HEAD /shutdown", [bearer])],
    [405, request("DELETE /v1/status", [bearer])],
    [405, request("OPTIONS /v1/drain", ["Origin: http://evil.example"])],
  ];
  for (const [expected, bytes] of rows) assertEquals(await status(bytes), expected, bytes);
  assertEquals(agent.asked, []);
});

Deno.test("a page of somebody else, a foreign name and a body that is none begin nothing", async () => {
  await using agent = await served(() => BEGUN);
  const json = "Content-Type: application/json";
  const rows: readonly (readonly [status: number, bytes: string])[] = [
    [421, request("POST /v1/drain", ["Host: evil.example"])],
    [421, request("GET /healthz/live", ["Host: 127.0.0.1.evil.example"])],
    [200, request("GET /healthz/live", ["Host: 10.20.30.40:8080"])],
    [200, request("GET /healthz/live", ["Host: [fd00::7]:8080"])],
    [403, request("POST /v1/drain", ["Origin: http://evil.example"])],
    [403, request("POST /v1/drain", ["Origin: null"])],
    [403, request("POST /v1/drain", ["Sec-Fetch-Site: cross-site"])],
    [415, request("POST /v1/drain", ["Content-Type: application/x-www-form-urlencoded"])],
    [415, request("POST /v1/drain", ["Content-Length: 2"], "{}")],
    [413, request("POST /v1/drain", [json, "Content-Length: 9999"], "{")],
    [411, request("POST /v1/drain", [json, "Transfer-Encoding: chunked"], "0\r\n\r\n")],
    [400, request("POST /v1/drain", [json, "Content-Length: 1"], "{")],
    [400, request("POST /v1/drain", [json, "Content-Length: 16"], '{"force":"true"}')],
    [400, request("POST /v1/drain?force=true", [json])],
    [400, request("GET /v1/status", ["Content-Length: 2"], "{}")],
    [202, request("POST /v1/drain", [json, "Content-Length: 2"], "{}")],
    [202, request("POST /v1/drain", ["Content-Length: 0"])],
  ];
  for (const [expected, bytes] of rows) {
    assertEquals((await sendRaw(agent.port, bytes)).status, expected, bytes);
  }
  assertEquals(agent.asked, ["drain", "drain"]);
  const { text } = await sendRaw(agent.port, request("GET /v1/nothing"));
  assertMatch(text, /content-type: application\/json/i);
  assert(!/access-control/i.test(text), text);
});
