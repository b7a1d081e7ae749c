import { assertEquals } from "@std/assert";
import { dumpName, tidyFolder } from "../../src/proxysql/mod.ts";
import { Folder } from "../config/folder.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 27, 12);

/** A dump of so many hours ago, with so many bytes. */
async function add(folder: Folder, hours: number, size = 10): Promise<string> {
  const at = NOW - hours * HOUR;
  const name = dumpName("csv", { at, id: `01a3185c-5000-7000-8000-${String(hours).padStart(12, "0")}` });
  for (const file of [name, `${name}.manifest.json`]) {
    await Deno.writeFile(folder.file(file), new Uint8Array(size));
    await Deno.utime(folder.file(file), at / 1000, at / 1000);
  }
  return name;
}

async function names(folder: Folder): Promise<readonly string[]> {
  return (await Array.fromAsync(Deno.readDir(folder.path), ({ name }) => name)).toSorted();
}

Deno.test("dumps have names in the order of their times", () => {
  const id = "01a3185c-5000-7000-8000-0123456789ab";
  assertEquals(dumpName("jsonl", { at: NOW, id }), "digests-2026-11-27T120000Z-0123456789ab.jsonl.gz");
  assertEquals(dumpName("parquet", { at: NOW, id }), "digests-2026-11-27T120000Z-0123456789ab.parquet");
});

Deno.test("dumps that are too old go, with their manifests; the last one and other files stay", async () => {
  await using folder = await Folder.make({
    "digests.jsonl": "",
    "digests-old.jsonl.gz": "",
    "a.parquet": "",
  });
  const others = await names(folder);
  for (const hours of [300, 200, 100]) await add(folder, hours);
  const limits = { keep: 150 * HOUR, maxSize: 1000, now: NOW };
  assertEquals(await tidyFolder(folder.path, limits), 2);
  const left = await add(folder, 100);
  assertEquals(await names(folder), [...others, left, `${left}.manifest.json`].toSorted());
  assertEquals(await tidyFolder(folder.path, { ...limits, keep: HOUR }), 0, "the last one");
});

Deno.test("the oldest dumps go where all of them are too large", async () => {
  await using folder = await Folder.make({});
  for (const hours of [5, 4, 3, 2, 1]) await add(folder, hours);
  assertEquals(await tidyFolder(folder.path, { keep: 100 * HOUR, maxSize: 30, now: NOW }), 2);
  assertEquals((await names(folder)).length, 6);
  assertEquals(await tidyFolder(folder.path, { keep: 100 * HOUR, maxSize: 1, now: NOW }), 2);
});

Deno.test("two programs may tidy at once", async () => {
  await using folder = await Folder.make({});
  for (let hours = 1; hours <= 40; hours++) await add(folder, hours);
  const tidy = () => tidyFolder(folder.path, { keep: HOUR, maxSize: 1000, now: NOW });
  await Promise.all([tidy(), tidy(), tidy(), tidy()]);
  assertEquals((await names(folder)).length, 2);
});
