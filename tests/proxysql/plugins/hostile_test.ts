// What a hostile plugin cannot do.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { systemClock } from "../../../src/clock.ts";
import type { ProxysqlEvent } from "../../../src/events/mod.ts";
import { ROOT } from "../../program.ts";
import { type Costs, EATERS } from "./costly.ts";
import { row, Started, STATUS, type Written } from "./fixture.ts";

/** What a plugin gets from an address, or why it gets nothing. */
async function answerOf(url: string, more: Partial<Written> = {}): Promise<string> {
  const source = `
    const text = async (url) => (await fetch(url)).text();
    export const health = async () => [await text(${JSON.stringify(url)}).catch(({ message }) => message)];`;
  await using started = await Started.of([{ source, ...more }]);
  return (await started.plugins.health(STATUS)).join();
}

/** Expressions, and what a plugin learns from each. */
const NOTHING_THERE: Readonly<Record<string, string>> = {
  'Deno.readTextFileSync("/etc/hostname")': "a: ReferenceError",
  "Deno.env.toObject()": "a: ReferenceError",
  "Deno.exit(7)": "a: ReferenceError",
  'Deno.kill(Deno.pid, "SIGKILL")': "a: ReferenceError",
  'new Deno.Command("id").output()': "a: ReferenceError",
  "Deno.stdout.writeSync(new Uint8Array([123]))": "a: ReferenceError",
  'Deno.addSignalListener("SIGTERM", () => {})': "a: ReferenceError",
  "process.exit(7)": "a: ReferenceError",
  'process.kill(process.pid, "SIGKILL")': "a: ReferenceError",
  "postMessage({ kind: 'answer', id: 1 })": "a: ReferenceError",
  "self.close()": "a: ReferenceError",
  "addEventListener('message', () => {})": "a: ReferenceError",
  'new Worker("data:text/javascript,")': "a: ReferenceError",
  'new BroadcastChannel("x")': "a: ReferenceError",
  'new WebSocket("ws://127.0.0.1:1")': "a: ReferenceError",
  'caches.open("x")': "a: ReferenceError",
  "new WebAssembly.Memory({ initial: 65536 })": "a: ReferenceError",
  'import("node:fs")': "a: ReferenceError",
  'import("data:text/javascript,export default 1")': "a: ReferenceError",
  'import("file:///etc/hostname")': "a: ReferenceError",
  'require("node:fs")': "a: ReferenceError",
  'Function("return typeof Deno + typeof process + typeof postMessage")()': "a: undefinedundefinedundefined",
  'console.log("{}")': "a: undefined",
};

Deno.test("a hostile plugin finds no file, environment, process, thread, port or module", async () => {
  const expressions = Object.keys(NOTHING_THERE);
  const source = `
    const tried = async (work) => { try { return String(await work()); } catch (error) { return error.name; } };
    const works = [${expressions.map((expression) => `async () => ${expression}`).join(",\n")}];
    export const columns = { result: "text" };
    export const dumpColumns = async ({ count }) => ({ result: await tried(works[count]) });`;
  await using started = await Started.of([{ source }]);
  const { plugins, told } = started;
  const rows = expressions.map((_, index) => row({ count: BigInt(index) }));
  const { rows: results } = await plugins.dumpColumns(rows, plugins.columns);
  assertEquals(
    Object.fromEntries(
      expressions.map((expression, index) => [expression, `a: ${results[index]!["result"]}`]),
    ),
    NOTHING_THERE,
  );
  assertEquals(told, ["a started"]);
});

Deno.test("a hostile plugin that imports, in whatever way, is not loaded", async () => {
  const sources = [
    'import fs from "node:fs";',
    'import "./other.js";',
    'export * from "https://example.org/x.js";',
    'import data from "./x.json" with { type: "json" };',
    'await import("node:process");',
  ];
  for (const source of sources) {
    await using started = await Started.of([{ source: `${source} export const health = () => [];` }]);
    assertMatch(started.told.join("\n"), /^a failed: ReferenceError: could not load module/);
  }
});

Deno.test("a hostile plugin reaches no other host or port than those that it may, by a redirect neither", async () => {
  const reached: string[] = [];
  const listen = (name: string, answer: () => Response) =>
    Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => (reached.push(name), answer()));
  await using elsewhere = listen("elsewhere", () => new Response("inside"));
  const away = `http://127.0.0.1:${elsewhere.addr.port}/`;
  await using allowed = listen("allowed", () => Response.redirect(away));
  const place = `127.0.0.1:${allowed.addr.port}`;
  const urls = [
    away,
    away.replace("127.0.0.1", "127.1"),
    away.replace("127.0.0.1", "localhost"),
    away.replace("//", `//${place}@`),
    "file:///etc/hostname",
    "data:,x",
    "ftp://127.0.0.1/",
  ];
  for (const url of urls) {
    assertMatch(await answerOf(url, { net: [place] }), /^a: no permission to connect to /, url);
  }
  assertEquals(await answerOf("no address", { net: [place] }), "a: this is no address");
  assertMatch(await answerOf(`http://${place}/`), /^a: no permission to connect to 127\.0\.0\.1:/);
  assertEquals(reached, []);
  assertMatch(
    await answerOf(`http://${place}/`, { net: [place] }),
    /^a: Requires net access to "127\.0\.0\.1:/,
  );
  assertEquals(reached, ["allowed"]);
});

Deno.test("a hostile plugin that never answers is ended in time, and the program goes on meanwhile", async () => {
  const late = "a failed: there is no answer within 300 ms";
  const bodies = [
    "for (;;) {}",
    "for (;;) { try { for (;;) {} } catch {} }",
    "return new Promise(function again(resolve) { Promise.resolve().then(() => again(resolve)); });",
    "return new Promise(() => { (function again() { setTimeout(again, 1); })(); });",
    "return new Promise((resolve) => setTimeout(resolve, 1e9));",
    "return { then() { for (;;) {} } };",
    "return [{ toJSON() { for (;;) {} } }];",
    "return new Proxy([], { get() { for (;;) {} } });",
    "/(a+)+$/.test('a'.repeat(40) + 'b'); return [];",
  ];
  for (const body of bodies) {
    await using started = await Started.of([{
      source: `export function health() { ${body} }`,
      timeout: 300,
    }]);
    const { plugins, told } = started;
    let beats = 0;
    const beat = setInterval(() => beats++, 1);
    const before = performance.now();
    assertEquals(await plugins.health(STATUS), []);
    clearInterval(beat);
    assert(beats > 1, `the program went on ${beats} times: ${body}`);
    assert(performance.now() - before < 5000, body);
    assertEquals(told, ["a started", late], body);
  }
});

Deno.test("a hostile plugin eats its own memory only, and uses no processor any more once it was ended", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", `${ROOT}tests/proxysql/plugins/costly.ts`],
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const { grown, cpu_ms } = JSON.parse(new TextDecoder().decode(stdout)) as Costs;
  assertEquals(grown.length, EATERS.length);
  grown.forEach(({ mib, told }, index) => {
    assert(mib < 250, `${mib} MiB: ${EATERS[index]}`);
    assertMatch(told.join("\n"), /^a started\na failed: /, EATERS[index]);
  });
  // A thread that goes on would use most of a second, if it gets a processor at all.
  assert(cpu_ms < 300, `${cpu_ms} ms`);
});

Deno.test("a hostile plugin has no life of its own between calls", async () => {
  await using started = await Started.of([{
    source: `let ticks = 0;
      (function again() { setTimeout(() => { ticks++; again(); }, 1); })();
      export const health = () => { setTimeout(() => ticks++, 1); return [String(ticks)]; };`,
  }]);
  await started.plugins.health(STATUS);
  await systemClock.sleep(50);
  assertEquals(await started.plugins.health(STATUS), ["a: 0"]);
});

Deno.test("a hostile plugin's answers are values of the types asked for, or nothing", async () => {
  const results: readonly (readonly [result: string, told: string])[] = [
    ["'text'", '"health" returns no list of texts'],
    ["[1]", '"health" returns no list of texts'],
    ["[{ toString: () => 'x' }]", '"health" returns no list of texts'],
    ["Array(11).fill('x')", '"health" returns more than 10 reasons: 11'],
    ['JSON.parse(\'{"__proto__": ["x"]}\')', '"health" returns no list of texts'],
    ["(() => { const a = []; a[0] = a; return a; })()", "TypeError: circular reference"],
    ["[1n]", "TypeError: "],
    ["[Symbol('x')]", '"health" returns no list of texts'],
    ["new Proxy([], { get() { throw null; } })", "null"],
    ["(() => { throw { get message() { throw 1; } }; })()", "an error that cannot be shown"],
    ["(() => { throw { message: 'x'.repeat(1e6) }; })()", "x"],
    ["Promise.reject()", "undefined"],
  ];
  for (const [result, reason] of results) {
    await using started = await Started.of([{ source: `export const health = () => ${result};` }]);
    assertEquals(await started.plugins.health(STATUS), [], result);
    const told = started.told[1] ?? "";
    assert(told.startsWith(`a failed: ${reason}`) && told.length < 150, `${result}: ${told}`);
  }
});

Deno.test("a hostile plugin changes the world of itself only", async () => {
  const source = `
    Object.prototype.polluted = "yes";
    Array.prototype.map = Promise.prototype.then = JSON.stringify = JSON.parse = String = undefined;
    globalThis.fetch = undefined;
    export const health = () => ["\\u202e<script>\\u0007"];`;
  await using started = await Started.of([{ source }, { source: "export const health = () => ['here'];" }]);
  const reasons = await started.plugins.health(STATUS);
  assertEquals(reasons.at(-1), "b: here");
  assertEquals(reasons.slice(0, -1).filter((reason) => reason !== "a: \\u202e<script>\\u0007"), []);
  assertEquals(({} as Readonly<Record<string, unknown>>)["polluted"], undefined);
  assertEquals([typeof fetch, typeof JSON.parse, [1].map(String)], ["function", "function", ["1"]]);
});

Deno.test("a hostile plugin is no reason to wait when the program ends", async () => {
  const source = "export function health() { for (;;) {} } export function event() { for (;;) {} }";
  const started = await Started.of([{ source, timeout: 60_000 }]);
  const asked = started.plugins.health(STATUS);
  started.plugins.event({ event: "proxysql-connected", proxysql: "p", version: "2.7.2" });
  await systemClock.sleep(50);
  const before = performance.now();
  await started[Symbol.asyncDispose]();
  assertEquals(await asked, []);
  assert(performance.now() - before < 5000);
  assertEquals(started.told, ["a started", "a stopped"]);
});

Deno.test("a hostile plugin that is slow with events makes nobody wait, and the oldest are dropped", async () => {
  await using started = await Started.of([{
    source: "export const event = () => new Promise((resolve) => setTimeout(resolve, 1e9));",
    timeout: 500,
  }]);
  const event: ProxysqlEvent = { event: "proxysql-connected", proxysql: "p", version: "2.7.2" };
  const before = performance.now();
  for (let count = 0; count < 3000; count++) started.plugins.event(event);
  assert(performance.now() - before < 2000);
  assertEquals(started.plugins.droppedEvents, 1999);
});
