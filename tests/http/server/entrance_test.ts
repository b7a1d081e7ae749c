// Who is let in: by token, cookie and certificate, and who is not.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Secret } from "../../../src/text/secret.ts";
import { HttpServer, LIMITS, ListenError } from "../../../src/http/server/mod.ts";
import { SESSION } from "../../../src/http/server/session.ts";
import {
  AUTHORITY,
  CERTIFICATE,
  CLIENT_CERTIFICATE,
  CLIENT_KEY,
  KEY,
  STRANGER_CERTIFICATE,
  STRANGER_KEY,
} from "./certificates.ts";
import { systemClock } from "../../../src/clock.ts";
import { OPEN, request, sendRaw, type Served, served } from "./fixture.ts";

const TOKEN = "0123456789abcdef-the-token";
const GUARDED = { hasToken: true, token: new Secret(TOKEN) };
const TLS = { hasTls: true, tls: { cert: CERTIFICATE, key: new Secret(KEY) } };
const CERTIFIED = {
  hasTls: true,
  hasClientCertificates: true,
  tls: { ...TLS.tls, clientCa: AUTHORITY },
};

function get(path: string, headers: readonly string[] = []): string {
  return request(`GET ${path}`, headers);
}

function post(path: string, body: string, headers: readonly string[] = []): string {
  return request(`POST ${path}`, [
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    ...headers,
  ], body);
}

async function login({ port }: Served, token = TOKEN): Promise<string> {
  const { status, text } = await sendRaw(port, post("/login", JSON.stringify({ token })));
  assertEquals(status, 204, text);
  const [, cookie, rest] = /^set-cookie: ([^;]+)(.*)\r$/m.exec(text) ?? [];
  assertEquals(rest, `; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION / 1000}`);
  return cookie!;
}

Deno.test("without a token whoever reaches the address is let in", async () => {
  await using server = await served();
  const { status, text } = await sendRaw(server.port, get("/api/v1/who"));
  assertEquals(status, 200);
  assert(text.endsWith('{"kind":"local","address":"127.0.0.1"}'), text);
  assertEquals((await sendRaw(server.port, post("/login", "{}"))).status, 404);
});

Deno.test("with a token nobody is let in without it, but to see whether the program lives, and to log in", async () => {
  await using server = await served(GUARDED);
  const rows: readonly (readonly [what: string, status: number, bytes: string])[] = [
    ["the API", 401, get("/api/v1/who")],
    ["an unknown path", 401, get("/nothing")],
    ["metrics", 401, get("/metrics")],
    ["a pause", 401, post("/api/v1/pause", "{}")],
    ["a logout", 401, post("/logout", "{}")],
    ["the page, to a program", 401, get("/")],
    ["the page, to a person", 303, get("/", ["Accept: text/html,*/*"])],
    ["the API, to a person", 401, get("/api/v1/who", ["Accept: text/html"])],
    ["life", 200, get("/healthz")],
    ["life with a slash", 401, get("/healthz/")],
    ["life with more behind it", 401, get("/healthz/../api/v1/who")],
    ["life encoded", 401, get("/%68ealthz")],
    ["a path through the login", 401, get("/login/../api/v1/who")],
    ["a path through the login, encoded", 401, get("/login/%2e%2e/api/v1/who")],
    ["what is above the login", 401, get("/login/..")],
    ["the page by a dot", 401, get("/login/.")],
    ["two slashes", 401, get("//healthz")],
    ["the token in the path", 401, get(`/api/v1/who?token=${TOKEN}&access_token=${TOKEN}`)],
    [
      "the token as a user's password",
      401,
      get("/api/v1/who", [`Authorization: Basic ${btoa(`x:${TOKEN}`)}`]),
    ],
    ["a wrong token", 401, get("/api/v1/who", [`Authorization: Bearer ${TOKEN}x`])],
    ["a part of the token", 401, get("/api/v1/who", [`Authorization: Bearer ${TOKEN.slice(0, -1)}`])],
    ["the token in capitals", 401, get("/api/v1/who", [`Authorization: Bearer ${TOKEN.toUpperCase()}`])],
    ["no token", 401, get("/api/v1/who", ["Authorization: Bearer"])],
    ["an empty token", 401, get("/api/v1/who", ["Authorization: Bearer "])],
    ["two tokens", 400, get("/api/v1/who", [`Authorization: Bearer ${TOKEN}`, "Authorization: Bearer x"])],
    ["the token as a cookie", 401, get("/api/v1/who", [`Cookie: query-sniper-${server.port}=${TOKEN}`])],
    ["a wrong login", 401, post("/login", '{"token":"0123456789abcdef"}')],
    ["a login without a token", 401, post("/login", "{}")],
    ["a login with a list", 401, post("/login", `{"token":["${TOKEN}"]}`)],
    ["a login with null", 401, post("/login", "null")],
    ["a login of nothing", 401, post("/login", "")],
    [
      "a login of another origin",
      403,
      post("/login", `{"token":"${TOKEN}"}`, ["Origin: http://evil.example"]),
    ],
  ];
  const wrong: string[] = [];
  for (const [what, status, bytes] of rows) {
    const answer = await sendRaw(server.port, bytes);
    if (answer.status !== status) wrong.push(`${what}: ${answer.status} in place of ${status}`);
    if (answer.text.includes(TOKEN)) wrong.push(`${what}: ${answer.text}`);
  }
  assertEquals(wrong, []);
  assertEquals(server.reached, ["GET /healthz"]);
  const { text } = await sendRaw(server.port, get("/", ["Accept: text/html"]));
  assertMatch(text, /^location: \/login\r$/m);
});

Deno.test("readiness is told without its reasons to those who have no token", async () => {
  await using server = await served(GUARDED);
  const terse = await sendRaw(server.port, get("/readyz"));
  assertEquals([terse.status, terse.text.split("\r\n\r\n")[1]], [503, "not ready\n"]);
  const told = await sendRaw(server.port, get("/readyz", [`Authorization: Bearer ${TOKEN}`]));
  assertEquals([told.status, told.text.split("\r\n\r\n")[1]], [503, "because of orders-primary"]);
});

Deno.test("with the token, or the cookie of a login, one is let in, and told apart", async () => {
  await using server = await served(GUARDED);
  for (const scheme of ["Bearer", "bearer", "BEARER "]) {
    const { status, text } = await sendRaw(
      server.port,
      get("/api/v1/who", [`Authorization: ${scheme} ${TOKEN}`]),
    );
    assertEquals(status, 200, scheme);
    assert(text.endsWith('{"kind":"token","address":"127.0.0.1"}'), text);
  }
  const cookie = await login(server);
  assert(!cookie.includes(TOKEN));
  const { text } = await sendRaw(server.port, get("/api/v1/who", [`Cookie: other=1; ${cookie}; more=2`]));
  assert(text.endsWith('{"kind":"session","address":"127.0.0.1"}'), text);
  // A cookie alone does not make a page of another site this one.
  const forged = [`Cookie: ${cookie}`, "Origin: https://evil.example"];
  assertEquals((await sendRaw(server.port, post("/api/v1/pause", "{}", forged))).status, 403);
  const paused = await sendRaw(server.port, post("/api/v1/pause", '{"reason":"x"}', [`Cookie: ${cookie}`]));
  assertEquals([paused.status, paused.text.split("\r\n\r\n")[1]], [200, '{"reason":"x"}']);
  const out = await sendRaw(server.port, post("/logout", "", [`Cookie: ${cookie}`]));
  assertEquals(out.status, 204);
  assertMatch(out.text, /^set-cookie: query-sniper-\d+=; Path=\/; HttpOnly; SameSite=Strict; Max-Age=0\r$/m);
});

Deno.test("a login survives a restart, and ends with its time, with the token, and with any change of it", async () => {
  let cookie: string;
  let port: number;
  {
    await using server = await served(GUARDED);
    [cookie, port] = [await login(server), server.port];
  }
  const address = { host: "127.0.0.1", port };
  await using server = await served({ ...GUARDED, address });
  const who = async (value: string, { port } = server) =>
    (await sendRaw(port, get("/api/v1/who", [`Cookie: ${value}`]))).status;
  assertEquals(await who(cookie), 200);
  const [name, value = ""] = cookie.split("=");
  const [version, end, id, mac = ""] = value.split(".");
  const later = String(Number(end) + 1000);
  for (
    const changed of [
      [version, later, id, mac],
      [version, end, `${id}x`, mac],
      ["v2", end, id, mac],
      [version, end, id, mac.replace(/^./, (digit) => digit === "0" ? "1" : "0")],
      [version, end, id, ""],
      [version, end, id],
      [version, "", id, mac],
      [version, "9".repeat(12), id, mac],
    ]
  ) assertEquals(await who(`${name}=${changed.join(".")}`), 401, changed.join("."));
  await using other = await served({ hasToken: true, token: new Secret("another-token-of-16") });
  assertEquals(await who(`query-sniper-${other.port}=${value}`, other), 401);
  let passed = 0;
  await using clock = await served(GUARDED, {
    clock: { ...systemClock, wall: () => systemClock.wall() + passed },
  });
  const own = `query-sniper-${clock.port}=${value}`;
  assertEquals(await who(own, clock), 200);
  passed = SESSION - 60_000;
  assertEquals(await who(own, clock), 200);
  passed = SESSION + 60_000;
  assertEquals(await who(own, clock), 401);
  // Nor does one that would last longer than any is given for.
  passed = -SESSION;
  assertEquals(await who(own, clock), 401);
});

Deno.test("a new token is asked for at once, on connections that are open too", async () => {
  await using server = await served(GUARDED);
  server.server.adopt({ ...OPEN, hasToken: true, token: new Secret("another-token-of-16") });
  assertEquals(
    (await sendRaw(server.port, get("/api/v1/who", [`Authorization: Bearer ${TOKEN}`]))).status,
    401,
  );
  assertEquals(
    (await sendRaw(server.port, get("/api/v1/who", ["Authorization: Bearer another-token-of-16"]))).status,
    200,
  );
});

/** Asks over TLS; returns the status and the body, or `refused` if there was no answer. */
async function ask(
  { port }: Served,
  path: string,
  { cert, key, headers }: { readonly cert?: string; readonly key?: string; readonly headers?: HeadersInit } =
    {},
): Promise<readonly [status: number | "refused", body: string]> {
  using client = Deno.createHttpClient({
    caCerts: [AUTHORITY],
    ...cert !== undefined && key !== undefined && { cert, key },
  });
  try {
    const response = await fetch(`https://localhost:${port}${path}`, { client, ...headers && { headers } });
    assertEquals(response.headers.get("strict-transport-security"), null);
    return [response.status, await response.text()];
  } catch {
    return ["refused", ""];
  }
}

Deno.test("with TLS the cookie is of this host and of HTTPS alone", async () => {
  await using server = await served({ ...GUARDED, ...TLS });
  assertEquals((await ask(server, "/api/v1/who"))[0], 401);
  const headers = { authorization: `Bearer ${TOKEN}` };
  assertEquals(await ask(server, "/api/v1/who", { headers }), [
    200,
    '{"kind":"token","address":"127.0.0.1"}',
  ]);
  using client = Deno.createHttpClient({ caCerts: [AUTHORITY] });
  const response = await fetch(`https://localhost:${server.port}/login`, {
    client,
    method: "POST",
    body: JSON.stringify({ token: TOKEN }),
    headers: { "content-type": "application/json" },
  });
  await response.body?.cancel();
  assertMatch(
    response.headers.get("set-cookie") ?? "",
    /^__Host-query-sniper-\d+=v1\..*; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800; Secure$/,
  );
});

Deno.test("with client certificates nobody is let in without one of that authority", async () => {
  await using server = await served(CERTIFIED);
  const own = { cert: CLIENT_CERTIFICATE, key: CLIENT_KEY };
  const strange = { cert: STRANGER_CERTIFICATE, key: STRANGER_KEY };
  for (const path of ["/", "/healthz", "/login", "/api/v1/who"]) {
    assertEquals((await ask(server, path))[0], "refused", path);
    assertEquals((await ask(server, path, strange))[0], "refused", path);
  }
  assertEquals(server.reached, []);
  const caller = { kind: "certificate", name: "on call", address: "127.0.0.1" };
  assertEquals(await ask(server, "/api/v1/who", own), [200, JSON.stringify(caller)]);
});

Deno.test("with client certificates and a token both are needed", async () => {
  await using server = await served({ ...CERTIFIED, ...GUARDED });
  const own = { cert: CLIENT_CERTIFICATE, key: CLIENT_KEY };
  const headers = { authorization: `Bearer ${TOKEN}` };
  assertEquals((await ask(server, "/api/v1/who", { headers }))[0], "refused");
  assertEquals((await ask(server, "/api/v1/who", own))[0], 401);
  const caller = { kind: "token", name: "on call", address: "127.0.0.1" };
  assertEquals(await ask(server, "/api/v1/who", { ...own, headers }), [200, JSON.stringify(caller)]);
});

Deno.test("what cannot be served is refused in words: a port that is taken, an address of another host, secrets that were not read", async () => {
  const refused = async (config: Parameters<typeof served>[0]) => {
    const options = { fetch: () => new Response(), clock: systemClock, newId: () => "", limits: LIMITS };
    const error = await assertRejects(() => HttpServer.listen({ ...OPEN, ...config }, options), ListenError);
    return error.message;
  };
  await using server = await served();
  const address = { host: "127.0.0.1", port: server.port };
  assertEquals(
    await refused({ address }),
    `cannot listen on 127.0.0.1:${server.port}: another program listens there: choose another port, or end that program`,
  );
  assertEquals(
    await refused({ address: { host: "192.0.2.1", port: 0 } }),
    "cannot listen on 192.0.2.1:0: this host has no such address",
  );
  const unread = "cannot listen on 127.0.0.1:0: its token or its TLS files were not read";
  assertEquals(await refused({ hasToken: true }), unread);
  assertEquals(await refused({ hasTls: true }), unread);
});

Deno.test("a link of another site may lead to the page, and nothing else of it may load anything", async () => {
  await using server = await served();
  const foreign = "Sec-Fetch-Site: cross-site";
  const rows: readonly (readonly [status: number, headers: readonly string[]])[] = [
    [200, [foreign, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"]],
    [403, [foreign, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"]],
    [403, [foreign, "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"]],
    [403, [foreign, "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"]],
    [200, ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors"]],
    [200, ["Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate"]],
  ];
  for (const [status, headers] of rows) {
    const answer = await sendRaw(server.port, get("/", headers));
    assertEquals(answer.status, status, headers.join());
    assert(!/^access-control-/im.test(answer.text));
  }
});

Deno.test("faults are told in words of ours: JSON to programs, and nothing of the inside", async () => {
  await using server = await served();
  const rows = [
    ["/api/v1/fault", 500, '{"error":"The request failed"}\n'],
    ["/api/v1/teapot", 418, '{"error":"This is a teapot"}\n'],
    ["/api/v1/<script>", 404, '{"error":"There is nothing here"}\n'],
    ["/%3Cscript%3E", 404, "There is nothing here\n"],
  ] as const;
  for (const [path, status, body] of rows) {
    const answer = await sendRaw(server.port, get(path));
    assertEquals([answer.status, answer.text.split("\r\n\r\n")[1]], [status, body], path);
  }
});
