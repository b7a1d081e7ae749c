import { assert, assertEquals } from "@std/assert";
import { Deadlines } from "../../src/connection/deadlines.ts";

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

Deno.test("Deadlines end what takes too long, and neither sooner nor twice, nor what has ended", async () => {
  const deadlines = new Deadlines(10);
  const expired: string[] = [];
  const begun = performance.now();
  let late = 0;
  const end = deadlines.begin(80, () => expired.push("ended"));
  deadlines.begin(80, () => {
    expired.push("late");
    late = performance.now() - begun;
  });
  end();
  // However late a busy machine's timers are.
  for (let waited = 0; expired.length === 0 && waited < 100; waited++) await pause(50);
  await pause(100);
  assertEquals(expired, ["late"]);
  assert(late >= 79, `${late} ms`);
});

Deno.test("Deadlines leave no timer behind once nothing is under way, and begin anew", async () => {
  const deadlines = new Deadlines(5);
  let expired = 0;
  // A timer that is left makes a test fail.
  deadlines.begin(40, () => expired++)();
  await pause(60);
  deadlines.begin(40, () => expired++);
  for (let waited = 0; expired === 0 && waited < 100; waited++) await pause(50);
  assertEquals(expired, 1);
});
