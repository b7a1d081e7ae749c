import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { StaleMapError } from "../../src/shards/router/on_shard.ts";
import { Pool } from "../../src/shards/router/pool.ts";
import { Router } from "../../src/shards/router/router.ts";
import type { HttpRequest } from "../../src/shards/router/http_message.ts";
import { type RouterApp, routerApp } from "../../src/shards/router/router_app.ts";
import { RouterProblem } from "../../src/shards/router/problem.ts";
import { readRequest } from "../../src/shards/router/request.ts";
import { Secret } from "../../src/text/secret.ts";
import { SHOP } from "./shop.ts";

const TOKEN = "a token of 16 or more characters";

/** Asks an app as a client would by HTTP. */
async function asked(app: RouterApp, path: string, init: RequestInit): Promise<Response> {
  const { method, headers, body } = new Request(`http://localhost${path}`, init);
  const { signal } = new AbortController();
  const request: HttpRequest = {
    ...{ method, path, signal, header: (name) => headers.get(name) ?? undefined },
    whole: async () => new Uint8Array(await new Response(body).arrayBuffer()),
  };
  const { status, type, text } = await app(request);
  return new Response(text, { status, headers: { "content-type": type } });
}

/** A router whose map cannot be read, and which has no shards: what is refused before is refused all the same. */
function app(
  tokens: readonly string[] = [],
  loadMap = () => Promise.reject(new RouterProblem("map", "there is no map")),
) {
  const router = new Router({
    catalog: SHOP,
    pools: new Map(),
    loadMap,
    clock: systemClock,
    statements: ["select", "insert"],
    timeout: 1000,
    waitForMove: 0,
    rows: 10,
  });
  const failures: unknown[] = [];
  const options = {
    router,
    pools: new Map(),
    tokens: tokens.map((token) => new Secret(token)),
    clock: systemClock,
  };
  const answers = routerApp({ ...options, failed: (error) => failures.push(error) });
  return { request: (path: string, init: RequestInit) => asked(answers, path, init), failures };
}

function request(body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return {
    method: "POST",
    headers: { "content-type": "application/json", host: "127.0.0.1:8080", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}

/** The status of a request, and the code of its error. */
async function told(response: Response | Promise<Response>): Promise<string> {
  const answer = await response;
  const { error } = await answer.json();
  return `${answer.status} ${error?.code}`;
}

Deno.test("without the token nothing is answered but /health", async () => {
  const one = app([TOKEN, "another token that is let in"]);
  const query = { query: "DROP TABLE users" };
  assertEquals(await told(one.request("/query", request(query))), "401 unauthorized");
  assertEquals(
    await told(one.request("/explain", request(query, { authorization: "Bearer wrong" }))),
    "401 unauthorized",
  );
  assertEquals(
    await told(one.request("/query", request(query, { authorization: `Basic ${TOKEN}` }))),
    "401 unauthorized",
  );
  assertEquals(await told(one.request("/nothing", request(query))), "401 unauthorized");
  assertEquals(
    await told(one.request("/query", request(query, { authorization: `Bearer ${TOKEN}` }))),
    "400 refused",
  );
  const health = await one.request("/health", { headers: { host: "localhost" } });
  assertEquals([health.status, (await health.json()).why], [503, "there is no map"]);
});

Deno.test("what a page of another site can send is refused", async () => {
  const one = app();
  const query = { query: "SELECT 1" };
  assertEquals(
    await told(one.request("/query", request(query, { host: "evil.example" }))),
    "400 bad_request",
  );
  assertEquals(
    await told(one.request("/query", request(query, { "content-type": "text/plain" }))),
    "400 bad_request",
  );
  assertEquals(await told(one.request("/query", { headers: { host: "localhost" } })), "404 not_found");
});

Deno.test("a request is refused before anything is asked of a shard", async () => {
  const one = app();
  const rows: readonly (readonly [body: unknown, told: string])[] = [
    ["{", "400 bad_request"],
    ["[]", "400 bad_request"],
    [{ query: 5 }, "400 bad_request"],
    [{ query: "SELECT 1", queries: ["SELECT 1"] }, "400 bad_request"],
    [{ queries: [] }, "400 bad_request"],
    [{ queries: [{ query: "SELECT 1", more: 1 }] }, "400 bad_request"],
    [{ queries: ["SELECT ?"], params: [1] }, "400 bad_request"],
    [{ query: "SELECT ?", params: [{}] }, "400 bad_request"],
    [{ query: "SELECT 1", timeout_ms: 0 }, "400 bad_request"],
    [{ query: "SELECT 1", allow_scatter: 1 }, "400 bad_request"],
    [{ query: "DELETE FROM users WHERE user_id = 5" }, "400 not_allowed"],
    [{ query: "UPDATE users SET age = 1" }, "400 refused"],
    [{ query: "SELECT 1" }, "503 map"],
  ];
  for (const [body, expected] of rows) {
    assertEquals(
      await told(one.request("/query", request(body))),
      expected,
      JSON.stringify(body).slice(0, 100),
    );
  }
  const length = { "content-length": String(2 ** 21) };
  assertEquals(await told(one.request("/query", request({ query: "SELECT 1" }, length))), "400 bad_request");
  // A letter that is none would be stored as another one.
  const broken = { ...request(""), body: Uint8Array.of(123, 34, 255, 34, 125) };
  assertEquals(await told(one.request("/query", broken)), "400 bad_request");
  assertEquals(one.failures, []);
});

Deno.test("a failure of the router itself is told to its log, and not to the caller", async () => {
  const one = app([], () => Promise.reject(new Error("something secret")));
  const response = await one.request("/query", request({ query: "SELECT 1" }));
  const text = await response.text();
  assertEquals([response.status, text.includes("secret"), one.failures.length], [500, false, 1]);
});

/** What /health says where shard `b` is not there: `drained` is called where the map is read anew. */
async function healthOf(drained: (pools: Map<string, Pool>) => void) {
  const poolOf = (name: string, use: () => Promise<unknown>) =>
    [name, { name, use } as unknown as Pool] as const;
  const pools = new Map([
    poolOf("a", () => Promise.resolve()),
    poolOf("b", () => Promise.reject(new Error("nothing listens there"))),
  ]);
  const router = {
    query: () => Promise.reject(new Error("not asked")),
    explain: () => Promise.reject(new Error("not asked")),
    mapVersion({ anew = false } = {}) {
      if (anew) drained(pools);
      return Promise.resolve(anew ? 2 : 1);
    },
  };
  const options = { router, pools, tokens: [], clock: systemClock, failed: () => {} };
  const response = await asked(routerApp(options), "/health", { headers: { host: "localhost" } });
  return [response.status, await response.json()];
}

Deno.test("a shard that was drained and is gone makes a router fail no more, and one that owns slots does", async () => {
  assertEquals(await healthOf((pools) => pools.delete("b")), [
    200,
    { status: "ok", map_version: 2, shards: { a: "ok" } },
  ]);
  assertEquals(await healthOf(() => {}), [503, {
    ...{ status: "failing", map_version: 2, shards: { a: "ok", b: "nothing listens there" } },
    why: "cannot be used: b",
  }]);
  const down = await healthOf(() => {
    throw new RouterProblem("map", "there is no map");
  });
  assertEquals(down[0], 503);
});

Deno.test("who asks a shard that the map names no more reads the map again", async () => {
  const target = { address: { host: "127.0.0.1", port: 1 }, tls: { mode: "disabled" }, account: {} } as never;
  const pool = new Pool({ name: "b", target, schema: "shop", size: 1, timeout: 100, clock: systemClock });
  pool.retire();
  await assertRejects(() => pool.take({ until: systemClock.now() + 100 }), StaleMapError);
});

Deno.test("a plan is explained to people and as JSON, and nothing is run", async () => {
  const owners = Array.from({ length: 1024 }, (_, slot) => slot < 512 ? "a" : "b");
  const one = app([], () => Promise.resolve({ version: 1, owners, epochs: new Map() }) as never);
  const query = { query: "SELECT MAX(age) FROM users" };
  const json = await (await one.request("/explain", request(query))).json();
  assertEquals([json.runs_on, json.shards, json.statement], [
    "several",
    ["a", "b"],
    "SELECT MAX(age) AS qs_p0 FROM users",
  ]);
  const text = await (await one.request("/explain", request(query, { accept: "text/plain" }))).text();
  assertMatch(text, /^runs on each of 2 shards, and the answers are merged: a, b\nslots: all\n/);
});

Deno.test("readRequest() reads one statement and several", () => {
  assertEquals(readRequest({ query: "SELECT ?", params: [1], timeout_ms: 5, allow_scatter: false }), {
    queries: [{ query: "SELECT ?", params: [1] }],
    transaction: false,
    timeout: 5,
    allowScatter: false,
  });
  assertEquals(readRequest({ queries: ["SELECT 1", { query: "SELECT ?", params: ["a"] }] }), {
    queries: [{ query: "SELECT 1", params: [] }, { query: "SELECT ?", params: ["a"] }],
    transaction: true,
    allowScatter: true,
  });
});

Deno.test("a request that is refused before its body is needed has nothing of it read", async () => {
  const length = { "content-length": String(2 ** 20 + 1) };
  const type = { "content-type": "application/json" };
  const rows: readonly (readonly [path: string, headers: Record<string, string>, status: number])[] = [
    ["/query", type, 401],
    ["/query", { host: "example.com" }, 400],
    ["/query", { authorization: `Bearer ${TOKEN}`, "content-type": "text/plain" }, 400],
    ["/nothing", { authorization: `Bearer ${TOKEN}` }, 404],
    ["/query", { authorization: `Bearer ${TOKEN}`, ...type, ...length }, 400],
    ["/health", {}, 200],
  ];
  const options = { pools: new Map(), tokens: [new Secret(TOKEN)], clock: systemClock, failed: () => {} };
  const router = { mapVersion: () => Promise.resolve(1) } as never;
  for (const [path, headers, status] of rows) {
    const given: Record<string, string> = { host: "localhost", ...headers };
    const answer = await routerApp({ ...options, router })({
      method: path === "/health" ? "GET" : "POST",
      path,
      signal: new AbortController().signal,
      header: (name) => given[name],
      whole: () => Promise.reject(new Error("it was read")),
    });
    assertEquals(answer.status, status, `${path} ${JSON.stringify(headers)}`);
  }
});

Deno.test("who cannot be told of a failure of the router makes no failure of their own", async () => {
  const router = { query: () => Promise.reject(new Error("never")) } as never;
  const failed = () => {
    throw new Deno.errors.BrokenPipe("stderr is closed");
  };
  const answers = routerApp({ router, pools: new Map(), tokens: [], clock: systemClock, failed });
  assertEquals(await told(asked(answers, "/query", request({ query: "SELECT 1" }))), "500 internal");
});

Deno.test("a router whose sessions are all at work is healthy, and is asked once a second at most", async () => {
  let [now, looks] = [0, 0];
  const clock = { ...systemClock, now: () => now };
  const busy = () => {
    looks++;
    return Promise.reject(new RouterProblem("busy", "all 16 connections to a are in use"));
  };
  const pools = new Map([["a", { name: "a", use: busy } as unknown as Pool]]);
  const anew: boolean[] = [];
  const router = {
    mapVersion: (options?: { readonly anew?: boolean }) => {
      anew.push(options?.anew === true);
      return Promise.resolve(7);
    },
  } as never;
  const answers = routerApp({ router, pools, tokens: [], clock, failed: () => {} });
  const health = async () => {
    const response = await asked(answers, "/health", { headers: { host: "localhost" } });
    return [response.status, (await response.json()).status];
  };
  const ok = [200, "ok"];
  assertEquals(await Promise.all([health(), health(), health()]), [ok, ok, ok]);
  now = 999;
  assertEquals([await health(), looks, anew], [ok, 1, [false]]);
  now = 1000;
  assertEquals([await health(), looks, anew], [ok, 2, [false, false]]);
});

Deno.test("who has hung up while waiting for a session gets none, and holds up nobody behind", async () => {
  const target = { address: { host: "127.0.0.1", port: 1 }, tls: { mode: "disabled" }, account: {} } as never;
  const pool = new Pool({ name: "a", target, schema: "shop", size: 0, timeout: 100, clock: systemClock });
  const [gone, there] = [new AbortController(), new AbortController()];
  const until = systemClock.now() + 60_000;
  const ran: string[] = [];
  const use = (name: string, { signal }: AbortController) =>
    pool.use({ until, signal }, () => Promise.resolve(void ran.push(name)));
  const first = use("gone", gone);
  const second = use("there", there);
  gone.abort();
  await assertRejects(() => first, RouterProblem, "hung up");
  // As one that is given back.
  pool.give({ lost: undefined } as never);
  await second;
  assertEquals(ran, ["there"]);
  const late = use("late", gone);
  await assertRejects(() => late, RouterProblem, "hung up");
  // Woken and gone at once: the next one is woken in its place.
  const [third, fourth] = [new AbortController(), new AbortController()];
  const [held] = [await pool.take({ until })];
  const woken = use("woken", third);
  const behind = use("behind", fourth);
  pool.give(held);
  third.abort();
  await assertRejects(() => woken, RouterProblem, "hung up");
  await behind;
  assertEquals(ran, ["there", "behind"]);
});
