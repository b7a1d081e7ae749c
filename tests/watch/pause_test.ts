import { assertEquals } from "@std/assert";
import { PauseFile } from "../../src/watch/pause.ts";
import { Folder } from "../config/folder.ts";

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
