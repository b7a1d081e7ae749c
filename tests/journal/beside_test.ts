// What goes on with a journal's file beside the connection that writes kills to it.

import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { BatchWriter } from "../../src/journal/batch_writer.ts";
import { Journal } from "../../src/journal/mod.ts";
import { systemClock } from "../../src/clock.ts";

/** The locks that this process has on a file, as Linux tells them. */
function locksOn(file: string): readonly string[] {
  const { ino } = Deno.statSync(file);
  const own = new RegExp(`POSIX +ADVISORY +READ +${Deno.pid} +\\S+:${ino} `);
  return Deno.readTextFileSync("/proc/locks").split("\n").filter((line) => own.test(line));
}

// Without it, whoever else closes the file takes itself for the last one, and older SQLites then delete the log.
Deno.test("a journal keeps its lock on the file when the chronicle opens it too", async () => {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "j.sqlite");
  const journal = new Journal(file, () => {});
  const { signal } = new AbortController();
  const writer = new BatchWriter(file, { clock: systemClock, signal, lost: () => {} });
  try {
    assert(journal.isUsable());
    assertEquals(locksOn(file).length, 1);
    assert(writer.now((database) => database.prepare("SELECT * FROM probe").all()) !== undefined);
    assertEquals(locksOn(file).length, 1, "with both");
  } finally {
    journal.close();
    writer.close();
    await Deno.remove(folder, { recursive: true });
  }
});
