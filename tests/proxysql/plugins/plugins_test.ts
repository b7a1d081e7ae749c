import { assert, assertEquals } from "@std/assert";
import type { Clock } from "../../../src/clock.ts";
import { StageClock } from "../../http/stage_clock.ts";
import { waitFor } from "../../lab/wait_for.ts";
import { row, Started, STATUS } from "./fixture.ts";

const OWNER = `
  export const columns = { owner: "text", cost: "integer", big: "integer", hot: "boolean", since: "time" };
  export function dumpColumns({ schema, time_us, reset, first_seen }) {
    return { owner: schema + "-team", cost: time_us * 2, big: 2n ** 62n, hot: !reset, since: first_seen };
  }`;

Deno.test("a plugin adds reasons to the health, fit to print and with its name", async () => {
  await using started = await Started.of([
    { source: "export const health = ({ health, status }) => [`${health.probe} ${status.uptime_s}\\n`];" },
    { source: "export const health = async () => undefined;" },
    { source: "export function event() {}" },
  ]);
  const { plugins, told } = started;
  const status = {
    ...{ version: "2.7.2", uptime_s: 7, paused: false, peers: [], satellites: null, checksums: null },
    ...{ peer_checksums: [], backends: [], sessions: [] },
  };
  assertEquals(await plugins.health({ ...STATUS, status }), ["a: ready 7\\n"]);
  assertEquals(told, ["a started", "b started", "c started"]);
});

Deno.test("a plugin adds columns, whose values have the types that it declares", async () => {
  await using started = await Started.of([{ source: OWNER }]);
  const { plugins } = started;
  const { columns } = plugins;
  assertEquals([...columns], [
    ["owner", "text"],
    ["cost", "integer"],
    ["big", "integer"],
    ["hot", "boolean"],
    ["since", "time"],
  ]);
  const rows = [row({ time_us: 21n }), row({ schema: "shop", time_us: null, reset: true })];
  assertEquals(await plugins.dumpColumns(rows, columns), {
    rows: [
      { owner: "orders-team", cost: 42n, big: 2n ** 62n, hot: true, since: 1n },
      { owner: "shop-team", cost: 0n, big: 2n ** 62n, hot: false, since: 1n },
    ],
    missing: 0,
  });
});

Deno.test("a plugin sees texts of digests only where it is configured to", async () => {
  const source = `
    export const columns = { seen: "text" };
    export const dumpColumns = (row) => ({ seen: Object.keys(row).includes("tags") + " " + row.digest_text });`;
  for (
    const [text, seen] of [["off", "false undefined"], ["digest", "true SELECT ?"]] as const
  ) {
    await using started = await Started.of([{ source, text }]);
    const { rows } = await started.plugins.dumpColumns([row()], started.plugins.columns);
    assertEquals(rows, [{ seen }]);
  }
});

Deno.test("a plugin is told of events with their time, but not of plugins, and of no statement's text", async () => {
  const requests: unknown[] = [];
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    requests.push([request.method, request.headers.get("x-a"), await request.json()]);
    return new Response("{}");
  });
  const place = `127.0.0.1:${server.addr.port}`;
  const source = `export function event(event) {
    fetch("http://${place}/hook", { method: "POST", headers: { "X-A": 1 }, body: JSON.stringify(event) });
  }`;
  const clock = new StageClock();
  await using started = await Started.of([{ source, net: [place] }], { clock });
  const { plugins } = started;
  plugins.event({ event: "proxysql-plugin", proxysql: "p", plugin: "a", state: "started" });
  plugins.event({ event: "proxysql-connected", proxysql: "p", version: "2.7.2" });
  plugins.event({
    event: "match",
    ...{ database: "d", policy: "p", mode: "dry-run", action: "log", because: [] },
    session: { id: 1, user: "u", host: "h", db: "", command: "Query" },
    statement: { digest: "v1:1", digest_text: "SELECT ?", tables: [], tags: {}, sql: "SELECT 'secret'" },
  });
  await waitFor("two requests", () => Promise.resolve(requests.length === 2));
  const at = "2026-11-20T10:00:00.000Z";
  assertEquals(requests[0], ["POST", "1", {
    at,
    event: "proxysql-connected",
    proxysql: "p",
    version: "2.7.2",
  }]);
  assert(!JSON.stringify(requests).includes("secret"), JSON.stringify(requests));
  assertEquals([plugins.droppedEvents, started.told], [0, ["a started"]]);
});

Deno.test("what a plugin gets from a request is what was sent, and its errors are errors", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response('{"a":[1]}', { status: 404, headers: { "X-Of": "them" } }),
  );
  const place = `127.0.0.1:${server.addr.port}`;
  const source = `export async function health() {
    const response = await fetch("http://${place}/", { method: "DELETE" });
    const { ok, status, headers } = response;
    const failed = await fetch("http://${place}/", { method: "CONNECT" }).catch((error) => error.message);
    return [JSON.stringify([ok, status, headers.get("x-OF"), headers.get("y"), await response.json(), failed])];
  }`;
  await using started = await Started.of([{ source, net: [place] }]);
  assertEquals(await started.plugins.health(STATUS), [
    'a: [false,404,"them",null,{"a":[1]},"no method of a request"]',
  ]);
});

Deno.test("a plugin that exports what is not known, or nothing, or other types is not used", async () => {
  const rows: readonly (readonly [source: string, reason: string])[] = [
    [
      "export const halth = () => [];",
      'it exports what is none of health, dumpColumns, event, columns: "halth"',
    ],
    ["export default () => [];", 'it exports what is none of health, dumpColumns, event, columns: "default"'],
    ["const health = () => [];", "it exports none of the functions health, dumpColumns, event"],
    ["export const health = [];", '"health" is no function: "object"'],
    ["export const dumpColumns = () => ({});", '"dumpColumns" and "columns" come together'],
    [
      "export const columns = {}; export const health = () => [];",
      '"dumpColumns" and "columns" come together',
    ],
    ["export const columns = {}; export const dumpColumns = () => ({});", "expected 1 to 16 columns: 0"],
    [
      "export const columns = ['a']; export const dumpColumns = () => ({});",
      '"columns" is no object of names',
    ],
    [
      "export const columns = { Owner: 'text' }; export const dumpColumns = () => ({});",
      'a column has lower case letters, digits and underscores: "Owner"',
    ],
    [
      "export const columns = { a: 'float' }; export const dumpColumns = () => ({});",
      'the type of column "a" is none of text, integer, boolean, time',
    ],
    [
      "export const columns = { username: 'text' }; export const dumpColumns = () => ({});",
      'every dump has this column: "username"',
    ],
    ["export const health = ", "SyntaxError: "],
    ["throw new Error('mine');", "Error: mine"],
    [
      "await new Promise(() => {}); export const health = () => [];",
      "it waits for something that never comes",
    ],
  ];
  for (const [source, reason] of rows) {
    await using started = await Started.of([{ source }]);
    assert(started.told[0]?.startsWith(`a failed: ${reason}`), `${source}: ${started.told}`);
    assertEquals([started.told.length, await started.plugins.health(STATUS)], [1, []]);
  }
});

Deno.test("two plugins cannot have one column: the second one is not used", async () => {
  const source =
    'export const columns = { owner: "text" }; export const dumpColumns = () => ({ owner: "x" });';
  await using started = await Started.of([{ source }, { source }]);
  assertEquals(started.told, ["a started", 'b failed: another plugin has this column: "owner"']);
  const { plugins } = started;
  assertEquals((await plugins.dumpColumns([row()], plugins.columns)).rows, [{ owner: "x" }]);
});

Deno.test("values of other types, or for other columns, end a plugin, and its columns are null", async () => {
  const results = [
    ["{ n: 1.5 }", 'column "n" of row 1 is no integer'],
    ["{ n: '7' }", 'column "n" of row 1 is no integer'],
    ["{ n: 2n ** 64n }", 'column "n" of row 1 is no integer'],
    ["{ n: ['1'] }", 'TypeError: row 1: column "n" is no single value'],
    ["{ t: 1 }", 'column "t" of row 1 is no text'],
    ["{ t: 'x'.repeat(1001) }", 'column "t" of row 1 is no text'],
    ["{ t: '\\ud800' }", 'column "t" of row 1 is no text'],
    ["{ b: 'true' }", 'column "b" of row 1 is no boolean'],
    ["{ at: 'yesterday' }", 'column "at" of row 1 is no time'],
    ["{ n: 1, m: 2 }", 'TypeError: row 1: column "m" is not in columns'],
    ["[1]", "TypeError: row 1: expected an object of columns"],
    ["null", "TypeError: row 1: expected an object of columns"],
  ] as const;
  for (const [result, reason] of results) {
    await using started = await Started.of([{
      source: `export const columns = { n: "integer", t: "text", b: "boolean", at: "time" };
        export const dumpColumns = () => (${result});`,
    }]);
    const { plugins, told } = started;
    const values = await plugins.dumpColumns([row(), row()], plugins.columns);
    const nothing = { n: null, t: null, b: null, at: null };
    assertEquals(values, { rows: [nothing, nothing], missing: 2 }, result);
    assertEquals(told, ["a started", `a failed: ${reason}`], result);
  }
});

/** A clock that is set, and for how long plugins wait until they are started again: whole seconds, unlike deadlines. */
function waiting() {
  const stage = new StageClock();
  const waits: number[] = [];
  const clock: Clock = {
    ...{ now: stage.now, wall: stage.wall },
    sleep(time, signal) {
      if (time % 1000 === 0) waits.push(time);
      return stage.sleep(time, signal);
    },
  };
  return { stage, waits, clock };
}

Deno.test("a plugin that fails is told of once, started again ever later, and told of when it does well", async () => {
  const { stage, waits, clock } = waiting();
  const source = "export const health = ({ health }) => health.ok ? ['well'] : explode();";
  await using started = await Started.of([{ source, timeout: 999 }], { clock });
  const { plugins, told } = started;
  const ill = { ...STATUS, health: { ...STATUS.health, ok: false } };
  assertEquals(await plugins.health(ill), []);
  const failed = "a failed: ReferenceError: 'explode' is not defined";
  for (const [index, wait] of [1000, 2000, 4000].entries()) {
    assertEquals([waits.at(-1), waits.length, told], [wait, index + 1, ["a started", failed]]);
    await stage.pass(wait - 1);
    assertEquals(await plugins.health(STATUS), []);
    await stage.pass(1);
    // Its thread begins in its own time.
    if (wait < 4000) {
      await waitFor("its next failure", async () => (await plugins.health(ill), waits.length > index + 1));
    }
  }
  await waitFor("the plugin", async () => (await plugins.health(STATUS)).join() === "a: well");
  assertEquals(told, ["a started", failed, "a started"]);
});

Deno.test("a plugin whose file changes its columns is not used until the agent is started again", async () => {
  const { stage, waits, clock } = waiting();
  const source = (name: string) =>
    `export const columns = { ${name}: "text" }; export const dumpColumns = () => ${name}();`;
  await using started = await Started.of([{ source: source("first"), timeout: 999 }], { clock });
  const { plugins, told, folder } = started;
  await Deno.writeTextFile(folder.file("a.js"), source("other"));
  const columns = plugins.columns;
  assertEquals((await plugins.dumpColumns([row()], columns)).missing, 1);
  await stage.pass(1000);
  await waitFor("its second failure", () => Promise.resolve(waits.length === 2));
  assertEquals([[...plugins.columns.keys()], told.length], [["first"], 2]);
  assertEquals((await plugins.dumpColumns([row()], columns)).rows, [{ first: null }]);
});

Deno.test("a plugin that is too large is told of, and the others work", async () => {
  await using started = await Started.of([
    { source: `/*${"x".repeat(2 ** 20)}*/` },
    { source: "export const health = () => ['here'];" },
  ]);
  assertEquals(started.told, ["a failed: its file is larger than 1048576 bytes", "b started"]);
  assertEquals(await started.plugins.health(STATUS), ["b: here"]);
});

Deno.test("stopped plugins are told of once, and answer nothing", async () => {
  await using started = await Started.of([{ source: "export const health = () => ['here'];" }]);
  await started.plugins[Symbol.asyncDispose]();
  assertEquals(await started.plugins.health(STATUS), []);
  assertEquals(started.told, ["a started", "a stopped"]);
});

Deno.test("plugins are loaded beside each other, and of two with a column the first one has it, whichever is faster", async () => {
  // Whoever waits for the other one would wait for ever if they were loaded one after the other.
  const all = Promise.withResolvers<void>();
  const asked = new Set<string>();
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    asked.add(new URL(request.url).pathname);
    if (asked.size === 3) all.resolve();
    await all.promise;
    return new Response("go on");
  });
  const place = `127.0.0.1:${server.addr.port}`;
  const source = (name: string, turns: number) => `
    await fetch("http://${place}/${name}");
    for (let turn = 0; turn < ${turns}; turn++) await new Promise((resolve) => setTimeout(resolve, 20));
    export const columns = { owner: "text" };
    export const dumpColumns = () => ({ owner: "${name}" });`;
  const more = { net: [place], timeout: 8000 };
  await using started = await Started.of([
    { source: source("a", 20), ...more },
    { source: source("b", 0), ...more },
    { source: source("c", 5).replaceAll("owner", "team"), ...more },
  ]);
  const { plugins, told } = started;
  assertEquals(told.toSorted(), [
    "a started",
    'b failed: another plugin has this column: "owner"',
    "c started",
  ]);
  assertEquals([...plugins.columns.keys()], ["owner", "team"]);
  const { rows } = await plugins.dumpColumns([row()], plugins.columns);
  assertEquals(rows, [{ owner: "a", team: "c" }]);
});

Deno.test("who is in a hurry does not wait for plugins that are still loaded", async () => {
  const hurry = new AbortController();
  const asked = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async () => {
    asked.resolve();
    await over.promise;
    return new Response();
  });
  const place = `127.0.0.1:${server.addr.port}`;
  const source = `await fetch("http://${place}/"); export const health = () => ["too late"];`;
  const starting = Started.of([{ source, net: [place], timeout: 60_000 }], { hurry: hurry.signal });
  await asked.promise;
  hurry.abort();
  {
    await using started = await starting;
    assertEquals([await started.plugins.health(STATUS), started.told], [[], []]);
  }
  over.resolve();
});
