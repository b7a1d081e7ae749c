import { assertEquals } from "@std/assert";
import { PauseFile } from "../../src/watch/pause.ts";
import { Folder } from "../config/folder.ts";
import { sample } from "../pages.ts";

Deno.test("PauseFile says the text of the file, and once it is gone that nothing is paused", async () => {
  await using folder = await Folder.make({ pause: "restore of orders, ask Kim\n", empty: " \n" });
  const file = new PauseFile(folder.file("pause"));
  assertEquals(await file.reason(1000), "restore of orders, ask Kim");
  await Deno.remove(folder.file("pause"));
  assertEquals(await file.reason(1020), undefined);
  assertEquals(await new PauseFile(folder.file("empty")).reason(0), "paused");
});

Deno.test("PauseFile looks once for all databases at a moment, and anew for the next look of one", async () => {
  await using folder = await Folder.make({});
  const file = new PauseFile(folder.file("pause"));
  assertEquals(await file.reason(1000), undefined);
  await Deno.writeTextFile(folder.file("pause"), "");
  assertEquals(await file.reason(1019), undefined);
  assertEquals(await file.reason(1020), "paused");
});

Deno.test("PauseFile pauses where it cannot look", async () => {
  await using folder = await Folder.make({ pause: "x" });
  assertEquals(await new PauseFile(folder.file("pause/pause")).reason(0), "the pause file cannot be read");
});

Deno.test("the commands in docs/journal.md pause, and go on", async () => {
  await using folder = await Folder.make({});
  const [pause, resume, ...rest] = sample("pause-file").trim().split("\n");
  assertEquals(rest, []);
  const found: (string | undefined)[] = [];
  for (const line of [pause!, resume!]) {
    const command = line.replace("/var/lib/query-sniper", folder.path);
    assertEquals((await new Deno.Command("sh", { args: ["-c", command] }).output()).code, 0, command);
    found.push(await new PauseFile(folder.file("pause")).reason(0));
  }
  assertEquals(found, ["restore of orders, ask Kim", undefined]);
});
