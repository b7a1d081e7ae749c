import { assertEquals, assertStringIncludes } from "@std/assert";
import { sample } from "../pages.ts";
import { stage } from "./fixture.ts";

Deno.test("who pauses is written down: the name given, the certificate and the address", async () => {
  await using set = await stage();
  const post = async (body: unknown, env: unknown) => {
    const init = {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    };
    return await (await set.app.request("/api/v1/pause", init, env as never)).json();
  };
  const reason = "restore";
  const rows: readonly (readonly [unknown, unknown, string])[] = [
    [{ reason, by: "kim" }, { caller: { kind: "session", address: "10.0.0.5" } }, "kim (10.0.0.5)"],
    [
      { reason },
      { caller: { kind: "certificate", name: "ops", address: "10.0.0.5" } },
      "certificate ops, 10.0.0.5",
    ],
    [{ reason, by: "kim" }, { incoming: { socket: { remoteAddress: "::1" } } }, "kim (::1)"],
    [{ reason }, {}, "unknown"],
  ];
  for (const [body, env, by] of rows) {
    const { paused } = await post(body, env);
    assertEquals(paused.map((pause: { by: string }) => pause.by), [by]);
  }
});

Deno.test("a pause needs a reason, and takes nothing that is not understood", async () => {
  await using set = await stage();
  const rows: readonly (readonly [unknown, string])[] = [
    [{}, "reason is missing"],
    [{ reason: " " }, "reason is empty"],
    [{ reason: 7 }, "reason is a text: 7"],
    [{ reason: "a\u001b[31mb" }, "reason has characters that nobody sees"],
    [{ reason: "x".repeat(201) }, "reason has at most 200 characters, and this has 201"],
    [{ reason: "x", duration: "8d" }, 'duration is such as 10m or 2h, and at most 7d: "8d"'],
    [{ reason: "x", duration: "10" }, "duration is such as"],
    [{ reason: "x", duration: "0s" }, "duration is such as"],
    [{ reason: "x", databse: "orders" }, 'Only database, reason, by, duration are known: "databse"'],
    ["[1]", "The body is to be a JSON object"],
    ["{", "The body is to be a JSON object"],
  ];
  for (const [body, error] of rows) {
    const { status, body: answer } = await set.post("/api/v1/pause", body);
    assertEquals(status, 400, error);
    assertStringIncludes(answer.error, error);
  }
  assertEquals((await set.json("/api/v1/pauses")).body, { paused: [] });
});

Deno.test("resume ends what was asked for and nothing else, and says what still pauses", async () => {
  await using set = await stage();
  const resume = async (body: unknown) => {
    const { status, body: answer } = await set.post("/api/v1/resume", body);
    return status === 200 ? answer.paused.map(({ database = "*" }) => database) : [status, answer.error];
  };
  await set.post("/api/v1/pause", { reason: "x", database: "orders" });
  assertEquals(await resume({}), [
    409,
    'No pause of all databases is there to end: single databases are, resume each: "orders"',
  ]);
  await set.post("/api/v1/pause", { reason: "x" });
  assertEquals(await resume({ database: "users" }), [
    409,
    'All databases are paused, not this one alone: "users"',
  ]);
  assertEquals(await resume({}), ["orders"]);
  assertEquals(await resume({ database: "orders" }), []);
  assertEquals(await resume({ database: "orders" }), [
    409,
    'Kills are not paused on this database: "orders"',
  ]);
  const { file } = set.context.pauses();
  await Deno.writeTextFile(file, "by hand");
  assertEquals(await resume({}), [409, `Kills are paused by a file: remove it to go on: "${file}"`]);
  const { body } = await set.json("/api/v1/pauses");
  assertEquals(body, { paused: [], pause_file: { file, reason: "by hand" } });
});

Deno.test("what cannot be written down is not done, and the answer says what else pauses", async () => {
  await using set = await stage(undefined, { pause: "/nonexistent/pause" });
  const { status, body } = await set.post("/api/v1/pause", { reason: "x" });
  assertEquals(status, 503);
  assertStringIncludes(
    body.error,
    'the file "/nonexistent/pause" pauses kills on all databases while it exists',
  );
});

Deno.test("where the list of pauses cannot be read, the answer says that this pauses, and what ends it", async () => {
  await using set = await stage();
  const { list } = set.context.pauses();
  await Deno.writeTextFile(list, '{"pauses": [7]}');
  for (const path of ["/api/v1/pause", "/api/v1/resume"]) {
    assertEquals(await set.post(path, { reason: "x" }), {
      status: 503,
      body: {
        error:
          "The list of pauses cannot be read, which pauses kills on all databases: mend it, or remove it: " +
          `"${list}": "it holds something that is no pause"`,
      },
    });
  }
});

Deno.test("the requests in docs/api.md pause and resume", async () => {
  await using set = await stage();
  const requests = [...sample("api-pause").matchAll(/127\.0\.0\.1:9180(\/\S+) [^']*'([^']+)'/g)];
  const paused: unknown[] = [];
  for (const [, path = "", body = ""] of requests) {
    assertEquals((await set.post(path, body)).status, 200, body);
    paused.push(set.context.pauses().known("orders"));
  }
  assertEquals(paused, ["restore, by kim, until 2026-11-20T10:10:00Z", undefined]);
});
