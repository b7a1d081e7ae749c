import { assert, assertEquals, assertMatch } from "@std/assert";
import { ASSETS } from "../../src/http/page/assets.ts";
import { pageRoutes } from "../../src/http/page/mod.ts";
import { STEP, TRACE } from "../../src/http/fleet/mod.ts";
import * as trace from "../../src/http/page/assets/trace.js";
import { ROOT } from "../program.ts";
import { assetProblems, FORBIDDEN } from "./asset_problems.ts";

const routes = pageRoutes();

Deno.test("all that a page asks for is there, with its type", async () => {
  for (const [path, { type, text }] of Object.entries(ASSETS)) {
    const response = await routes.request(path);
    assertEquals(response.status, 200, path);
    assertEquals(response.headers.get("content-type"), `${type}; charset=utf-8`);
    assertEquals(await response.text(), text);
  }
  assertEquals(assetProblems(ASSETS), []);
});

Deno.test("every asset of the folder is served", async () => {
  const texts = new Set(Object.values(ASSETS).map(({ text }) => text));
  const all = [...texts].join("\n");
  const folder = `${ROOT}src/http/page/assets`;
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(`${folder}/${name}`);
    assert(name.endsWith(".css") ? all.includes(text) : texts.has(text), name);
  }
});

Deno.test("a browser that has an asset is told so, and another version is sent", async () => {
  const first = await routes.request("/assets/status.js");
  const etag = first.headers.get("etag")!;
  await first.body?.cancel();
  assertMatch(etag, /^"[\w-]{22}"$/);
  assertEquals(first.headers.get("cache-control"), "no-cache");
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const again = await routes.request("/assets/status.js", { headers: { "if-none-match": known } });
    assertEquals([again.status, await again.text(), again.headers.get("etag")], [304, "", etag]);
  }
  const other = await routes.request("/assets/status.js", { headers: { "if-none-match": '"other"' } });
  assertEquals([other.status, (await other.text()).length > 0], [200, true]);
  assertEquals((await routes.request("/assets/none.js")).status, 404);
});

Deno.test("what the policy forbids, or would take a text for markup, is found in an asset", () => {
  for (
    const bad of ['<p onclick="x">', '<p style="x">', "a.innerHTML = b", "url(https://a.b/)", "<script>"]
  ) {
    assert(FORBIDDEN.test(` ${bad}`), bad);
  }
});

Deno.test("the page counts as the fleet does", () => {
  assertEquals([trace.STEP, trace.STEP * trace.STEPS], [STEP, TRACE]);
});
