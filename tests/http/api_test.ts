import { Ajv2020 } from "ajv/dist/2020.js";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { API_ROUTES } from "../../src/http/api/routes.ts";
import { openapi, OPENAPI_PATH } from "../../src/http/api/openapi.ts";
import { END, storyOf, writeStory } from "../report/story.ts";
import { type AnyJson, connected, killEvent, type Stage, stage } from "./fixture.ts";

const DOCUMENT = openapi("1.2.3") as unknown as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, AnyJson>>>>;
};

/** What is wrong with an answer, by the document. */
function problemsOf(path: string, method: string, status: number, body: unknown): string {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);
  ajv.addSchema(DOCUMENT, "doc");
  const part = (text: string) => encodeURIComponent(text.replaceAll("~", "~0").replaceAll("/", "~1"));
  const place = ["paths", path, method, "responses", String(status), "content", "application/json", "schema"];
  const validate = ajv.compile({ $ref: `doc#/${place.map(part).join("/")}` });
  return validate(body) ? "" : JSON.stringify(validate.errors, null, 1);
}

/** A fleet of which much is known, with a journal of two weeks. */
async function told(): Promise<Stage> {
  const folder = await Deno.makeTempDir({ prefix: "query-sniper-test-" });
  const journal = `${folder}/journal.db`;
  writeStory(journal, storyOf(7));
  const set = await stage(undefined, { journal });
  set.clock.at = END;
  for (const database of ["orders", "users"]) {
    await set.emit(connected(database));
    set.looked(database, { hold: { reason: "paused", note: "restore" } });
  }
  await set.emit({ event: "unreachable", database: "reports", reason: "refused", advice: "start it" });
  await set.emit({ event: "lease", database: "orders", state: "elsewhere", holder: "host-b" });
  await set.emit(killEvent());
  await set.emit(killEvent({ outcome: "skipped", reason: "budget" }));
  await set.emit(killEvent({ database: "users", policy: "idle", outcome: "would-kill", mode: "dry-run" }));
  return {
    ...set,
    async [Symbol.asyncDispose]() {
      await set[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

const REASON = { reason: "restore", by: "kim" };

/** A request for each route and status, in this order, with what it has in its body. */
const REQUESTS: readonly (readonly [number, string, string, string, unknown?])[] = [
  [200, "get", "/api/v1/status", "/api/v1/status"],
  [200, "get", "/api/v1/databases", "/api/v1/databases"],
  [200, "get", "/api/v1/databases/{name}", "/api/v1/databases/orders"],
  [404, "get", "/api/v1/databases/{name}", "/api/v1/databases/order"],
  [200, "get", "/api/v1/gates", "/api/v1/gates?state=open"],
  [400, "get", "/api/v1/gates", "/api/v1/gates?state=ajar"],
  [200, "get", "/api/v1/decisions", "/api/v1/decisions?limit=2"],
  [400, "get", "/api/v1/decisions", "/api/v1/decisions?limit=0"],
  [200, "get", "/api/v1/history", "/api/v1/history?since=14d"],
  [400, "get", "/api/v1/history", "/api/v1/history?since=soon"],
  [200, "get", "/api/v1/report", "/api/v1/report?since=7d&compare=7d"],
  [200, "get", "/api/v1/report", "/api/v1/report?since=14d&by=tag.controller&database=orders"],
  [400, "get", "/api/v1/report", "/api/v1/report?by=digests"],
  [200, "post", "/api/v1/pause", "/api/v1/pause", { ...REASON, duration: "10m" }],
  [200, "post", "/api/v1/pause", "/api/v1/pause", { ...REASON, database: "orders" }],
  [400, "post", "/api/v1/pause", "/api/v1/pause", {}],
  [404, "post", "/api/v1/pause", "/api/v1/pause", { ...REASON, database: "order" }],
  [200, "get", "/api/v1/pauses", "/api/v1/pauses"],
  [200, "get", "/api/v1/status", "/api/v1/status"],
  [200, "get", "/api/v1/databases", "/api/v1/databases"],
  [409, "post", "/api/v1/resume", "/api/v1/resume", { database: "users" }],
  [200, "post", "/api/v1/resume", "/api/v1/resume", {}],
  [200, "get", "/readyz", "/readyz"],
];

Deno.test("each route answers as the document says", async () => {
  await using set = await told();
  for (const [expected, method, path, address, body] of REQUESTS) {
    const { status, body: answer } = await (method === "post" ? set.post(address, body) : set.json(address));
    assertEquals(status, expected, `${address}: ${JSON.stringify(answer)}`);
    assertEquals(problemsOf(path, method, status, answer), "", address);
  }
  const asked = new Set(
    REQUESTS.filter(([status]) => status === 200).map(([, method, path]) => method + path),
  );
  for (const { method, path } of API_ROUTES) assert(asked.has(method + path), `${path} was not asked`);
});

Deno.test("a schema that says something else is noticed", async () => {
  await using set = await told();
  const { body } = await set.json("/api/v1/databases");
  const [first] = body.databases;
  for (const wrong of [{ ...first, more: 1 }, { ...first, looks: "1" }, { ...first, since: "now" }]) {
    assert(problemsOf("/api/v1/databases", "get", 200, { databases: [wrong] }) !== "");
  }
});

Deno.test("the document is at its place, and whole: each reference leads somewhere, each operation has its name", async () => {
  await using set = await stage();
  const { body } = await set.json(OPENAPI_PATH);
  assertEquals([body.openapi, body.info.version], ["3.1.0", "1.2.3"]);
  const refs = [...JSON.stringify(body).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) =>
    name!
  );
  assertEquals(refs.filter((name) => !Object.hasOwn(body.components.schemas, name)), []);
  assertEquals(Object.keys(body.components.schemas).filter((name) => !refs.includes(name)), []);
  const ids = Object.values(body.paths).flatMap((path: AnyJson) => Object.values(path)).map((each: AnyJson) =>
    each.operationId
  );
  assertEquals(new Set(ids).size, ids.length);
  for (const id of ids) assertMatch(id, /^[a-z_0-9]+$/);
});

Deno.test("decisions are filtered, the newest first", async () => {
  await using set = await told();
  const outcomes = async (address: string) =>
    (await set.json(address)).body.decisions.map(({ outcome }: { outcome: string }) => outcome);
  assertEquals(await outcomes("/api/v1/decisions"), ["would-kill", "skipped", "killed"]);
  assertEquals(await outcomes("/api/v1/decisions?limit=1"), ["would-kill"]);
  assertEquals(await outcomes("/api/v1/decisions?database=orders"), ["skipped", "killed"]);
  assertEquals(await outcomes("/api/v1/decisions?policy=idle"), ["would-kill"]);
});

Deno.test("the history has the latest decisions of its period, and says what it covers", async () => {
  await using set = await told();
  const { body } = await set.json("/api/v1/history?since=2024-03-04&until=2024-03-05&limit=3&outcome=killed");
  assertEquals(body.from, "2024-03-04T00:00:00.000Z");
  const moments = body.decisions.map(({ at }: { at: string }) => at);
  assertEquals(moments.length, 3);
  assertEquals(moments, moments.toSorted().toReversed());
  assert(moments[2] > "2024-03-04T20", "these are the last ones of the day");
  assertStringIncludes(body.covered[0], "2024-03-04");
});

Deno.test("what is wrong with a request is told, with what was found", async () => {
  await using set = await told();
  const rows: readonly (readonly [string, number, string])[] = [
    ["/api/v1/databases/order", 404, 'There is no database of this name: "order" (did you mean "orders"?)'],
    [
      "/api/v1/decisions?database=order",
      400,
      'There is no database of this name: "order" (did you mean "orders"?)',
    ],
    [
      "/api/v1/decisions?polizy=x",
      400,
      'Unknown parameter: "polizy" (did you mean "policy"?): it takes database, policy, limit',
    ],
    ["/api/v1/decisions?policy=x&policy=y", 400, 'This parameter is there twice: "policy"'],
    ["/api/v1/decisions?limit=1e3", 400, 'limit is a whole number from 1 to 500: "1e3"'],
    ["/api/v1/status?x=%0a", 400, 'Unknown parameter: "x": it takes none'],
    ["/api/v1/history?session=-1", 400, 'session is the id of a session, a whole number: "-1"'],
    ["/api/v1/history?since=1h&until=2h", 400, "since has to be before until"],
    ["/api/v1/history?database=nowhere", 400, 'the journal knows no database of this name: "nowhere"'],
    ["/api/v1/nothing", 404, "There is nothing here"],
  ];
  for (const [address, status, error] of rows) {
    assertEquals(await set.json(address), { status, body: { error } }, address);
  }
  const wrong = await set.app.request("/api/v1/pause");
  assertEquals([wrong.status, wrong.headers.get("allow")], [405, "POST"]);
});

Deno.test("without a journal there is no history, and with a broken one it says so", async () => {
  await using off = await stage(undefined, { journal: undefined as never });
  assertEquals((await off.json("/api/v1/report")).status, 404);
  await using gone = await stage(undefined, { journal: "/nonexistent/journal.db" });
  const { status, body } = await gone.json("/api/v1/report");
  assertEquals(status, 503);
  assertStringIncludes(body.error, "/nonexistent/journal.db");
});
