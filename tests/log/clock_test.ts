import { assert } from "@std/assert";
import { systemClock } from "../../src/clock.ts";

Deno.test("sleep() waits however long it is told to, and ends when it is aborted", async () => {
  for (const milliseconds of [2 ** 31, 30 * 86_400_000, Infinity]) {
    const controller = new AbortController();
    let ended = false;
    const sleep = systemClock.sleep(milliseconds, controller.signal).then(() => ended = true);
    await systemClock.sleep(20);
    assert(!ended, `${milliseconds} ms were over at once`);
    controller.abort();
    await sleep;
  }
});
