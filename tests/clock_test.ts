import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../src/clock.ts";

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

Deno.test("those who sleep until one signal end each in its own time, and all that are left when it is aborted", async () => {
  const controller = new AbortController();
  const ended: number[] = [];
  const sleeps = [60, 20, 100_000, 40, 200_000, 0].map((milliseconds) =>
    systemClock.sleep(milliseconds, controller.signal).then(() => ended.push(milliseconds))
  );
  await Promise.all(sleeps.filter((_, index) => ![2, 4].includes(index)));
  assertEquals(ended.toSorted((a, b) => a - b), [0, 20, 40, 60]);
  controller.abort();
  await Promise.all(sleeps);
  assertEquals(ended.slice(4).toSorted(), [100_000, 200_000]);
});
